package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/packaging/linux"
)

const (
	systemdUnit = "reconvene.service"
	// localUnit is where a unit that no package owns belongs (systemd.unit(5)).
	localUnit   = "/etc/systemd/system/" + systemdUnit
	serviceUser = "reconvene"
)

// systemd is the service manager of Linux, driven by its own commands.
type systemd struct{}

func newServiceManager() (serviceManager, error) {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return nil, errors.New(`this machine does not run systemd; start "reconvene serve" with its service manager`)
	}
	return systemd{}, nil
}

// Install writes the unit, unless a package has installed it, and enables it.
func (systemd) Install(program, config string) (warnings []error, err error) {
	if _, err := user.Lookup(serviceUser); err != nil {
		if err := command("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/var/lib/reconvene",
			"--shell", "/usr/sbin/nologin", serviceUser); err != nil {
			return nil, err
		}
	}
	if err := handOver(config); err != nil {
		return nil, err
	}
	if _, err := os.Stat("/usr/lib/systemd/system/" + systemdUnit); err != nil || program != linux.Program || config != linux.Config {
		if err := os.WriteFile(localUnit, []byte(unitFor(program, config)), 0o644); err != nil {
			return nil, err
		}
	}
	if err := command("systemctl", "daemon-reload"); err != nil {
		return nil, err
	}
	return nil, command("systemctl", "enable", systemdUnit)
}

// unitFor is the unit with another program and configuration.
func unitFor(program, config string) string {
	return strings.NewReplacer(
		linux.Program+" serve --config "+linux.Config, systemdQuote(program)+" serve --config "+systemdQuote(config),
		"ConditionPathExists="+linux.Config, "ConditionPathExists="+strings.ReplaceAll(config, "%", "%%"),
	).Replace(linux.Unit)
}

// systemdQuote writes one word of a command line (systemd.service(5)).
func systemdQuote(word string) string {
	return strconv.Quote(strings.NewReplacer("%", "%%", "$", "$$").Replace(word))
}

// handOver lets the service read its configuration.
func handOver(config string) error {
	group, err := user.LookupGroup(serviceUser)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(group.Gid)
	if err != nil {
		return err
	}
	for _, path := range []string{filepath.Dir(config), config} {
		if err := os.Chown(path, -1, gid); err != nil {
			return err
		}
	}
	return nil
}

func (s systemd) Remove() error {
	state, err := s.State()
	if err != nil {
		return err
	}
	if !state.Installed {
		return fmt.Errorf("the service %s is not installed", systemdUnit)
	}
	if err := command("systemctl", "disable", "--now", systemdUnit); err != nil {
		return err
	}
	if err := os.Remove(localUnit); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return command("systemctl", "daemon-reload")
}

func (systemd) Start() error { return command("systemctl", "start", systemdUnit) }
func (systemd) Stop() error  { return command("systemctl", "stop", systemdUnit) }

func (systemd) State() (serviceState, error) {
	out, err := exec.Command("systemctl", "show", "--property=LoadState,ActiveState,MainPID", systemdUnit).Output()
	if err != nil {
		return serviceState{}, fmt.Errorf("systemctl show %s: %w", systemdUnit, err)
	}
	var s serviceState
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "LoadState":
			s.Installed = value == "loaded"
		case "ActiveState":
			s.State, s.Running = value, value == "active"
		case "MainPID":
			pid, _ := strconv.ParseUint(value, 10, 32) // systemd's own number; 0 when there is none
			s.PID = uint32(pid)
		}
	}
	return s, nil
}

// command runs a program of the system; what it printed is in the error.
func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
