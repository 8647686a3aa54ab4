package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// serviceName is the name of the service in the service manager: "Reconvene" on
// Windows, "reconvene.service" for systemd.
const serviceName = "Reconvene"

// serviceState is the state of the service according to the service manager.
type serviceState struct {
	Installed bool   `json:"installed"`
	Running   bool   `json:"running"`
	State     string `json:"state"` // in the words of the service manager
	PID       uint32 `json:"pid,omitempty"`
}

// serviceManager is the part of the system that starts services: the service
// control manager of Windows, or systemd. Each method returns when the manager
// has done what it was asked for.
type serviceManager interface {
	// Install registers the service: started at each boot, not started now. The
	// warnings say what this manager cannot do for it.
	Install(program, config string) (warnings []error, err error)
	Remove() error // stopped first
	Start() error
	Stop() error // running transactions finish
	State() (serviceState, error)
}

func newServiceCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "service",
		Short: "Install, start, stop and remove the service of this machine",
		Long: `Registers "reconvene serve" with the service manager: the service control manager
of Windows, or systemd. The commands require administrator rights.`,
	}
	var file, firewall string
	install := &cobra.Command{
		Use:   "install",
		Short: "Register the service; it starts at each boot",
		Long: `Registers this program, at its current path, as a service that starts at each boot
and restarts after a failure. It does not start the service: edit the configuration
first, then run "reconvene check" and "reconvene service start".

On Windows the service runs as NT SERVICE\Reconvene, an account that exists for it
alone and has access only to the folder of the configuration. On Linux it runs as
the user reconvene, which is created if it does not exist.

With --firewall the Windows firewall lets these networks connect to this program, to
each port that it listens on. "service remove" removes the rule.`,
		Example: `  reconvene service install
  reconvene service install --firewall 10.1.2.0/24,10.1.3.4`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return installService(e, file, firewall) },
	}
	install.Flags().StringVar(&firewall, "firewall", "", "on Windows: the `NETWORKS` that may connect, separated by commas")
	install.Flags().StringVarP(&file, "config", "c", systemConfig(), "the configuration file of the service")
	cmd.AddCommand(install)
	for _, c := range []struct {
		use, short, done string
		run              func(serviceManager) error
	}{
		{"remove", "Stop the service and remove it; the configuration stays", "removed", serviceManager.Remove},
		{"start", "Start the service", "started", serviceManager.Start},
		{"stop", "Stop the service after running transactions have finished", "stopped", serviceManager.Stop},
		{"restart", "Stop the service, then start it", "restarted", restartService},
	} {
		cmd.AddCommand(&cobra.Command{Use: c.use, Short: c.short, Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
			m, err := newServiceManager()
			if err != nil {
				return err
			}
			if err := c.run(m); err != nil {
				return err
			}
			_, err = fmt.Fprintf(e.stdout, "the service %s is %s\n", serviceName, c.done)
			return err
		}})
	}
	cmd.AddCommand(newServiceStatusCmd(e))
	return cmd
}

func restartService(m serviceManager) error {
	state, err := m.State()
	if err != nil {
		return err
	}
	if state.Running {
		if err := m.Stop(); err != nil {
			return err
		}
	}
	return m.Start()
}

// installService writes the sample where there is no configuration, and registers
// the service with it.
func installService(e *env, file, firewall string) error {
	m, err := newServiceManager()
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return err
	}
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	if firewall != "" {
		if _, err := firewallRule(program, firewall); err != nil {
			return err // before anything is changed
		}
	}
	wrote, err := writeSample(file)
	if err != nil {
		return err
	}
	warnings, err := m.Install(program, file)
	if err != nil {
		return err
	}
	if firewall != "" {
		if err := openFirewall(netsh, program, firewall); err != nil {
			return err
		}
	}
	for _, w := range warnings {
		fmt.Fprintf(e.stderr, "reconvene: %v\n", w)
	}
	if wrote {
		fmt.Fprintf(e.stdout, "%s is a sample; edit it: hostname, allow, via\n", file)
	}
	check := "reconvene check"
	if file != systemConfig() {
		check += " --config " + file
	}
	_, err = fmt.Fprintf(e.stdout, "the service %s is installed; next: %s, then reconvene service start\n", serviceName, check)
	return err
}

func newServiceStatusCmd(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show whether the service is installed and running",
		Long: `Shows the state of the service as the service manager reports it.

Exit status: 0 running, 1 not running.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			m, err := newServiceManager()
			if err != nil {
				return err
			}
			state, err := m.State()
			if err != nil {
				return err
			}
			if err := state.print(e, asJSON); err != nil {
				return err
			}
			if !state.Running {
				return exitError{code: exitProblem}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
