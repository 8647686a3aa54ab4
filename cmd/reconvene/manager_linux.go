package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	sd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"github.com/reconvene/reconvene/packaging/linux"
)

// manager notifies systemd of the state of the service. Without systemd its methods
// do nothing.
type manager struct{}

// sockets are those that systemd opened for us.
func (manager) sockets() (*inheritedSockets, error) {
	list, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("the sockets of systemd cannot be used: %w", err)
	}
	s := new(inheritedSockets)
	for _, l := range list {
		if tcp, ok := l.(*net.TCPListener); ok {
			s.list = append(s.list, tcp)
		}
	}
	return s, nil
}

func (manager) ready() { notify(sd.SdNotifyReady) }

// reloading is followed by ready (sd_notify(3), Type=notify-reload).
func (manager) reloading() {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) == nil {
		notify(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", sd.SdNotifyReloading, now.Nano()/1000))
	}
}

func (manager) stopping() { notify(sd.SdNotifyStopping) }

// keepAlive notifies systemd twice in each WatchdogSec that the process is alive,
// after each return of alive. It ends with ctx.
func (manager) keepAlive(ctx context.Context, alive func()) {
	interval, err := sd.SdWatchdogEnabled(false)
	if err != nil || interval == 0 {
		return
	}
	tick := time.NewTicker(interval / 2)
	defer tick.Stop()
	for {
		alive()
		notify(sd.SdNotifyWatchdog)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// notify cannot fail in a way that we could mend: systemd notices the silence.
func notify(state string) { _, _ = sd.SdNotify(false, state) }

// serviceSockets are the addresses that systemd opens for the service which has this
// configuration: those of reconvene.socket, when it listens or will after a reboot.
func serviceSockets(config string) []string {
	if config != linux.Config {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "systemctl", "show", "--property=ActiveState,UnitFileState,Listen", "reconvene.socket").Output()
	if err != nil {
		return nil // there is no systemd
	}
	return socketAddresses(string(out))
}

// socketAddresses reads the properties of a socket unit, as systemctl shows them.
func socketAddresses(properties string) (addresses []string) {
	used := false
	for line := range strings.Lines(properties) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ActiveState":
			used = used || value == "active"
		case "UnitFileState":
			used = used || value == "enabled"
		case "Listen":
			address, stream := strings.CutSuffix(value, " (Stream)")
			if _, _, err := net.SplitHostPort(address); err == nil && stream {
				addresses = append(addresses, address)
			}
		}
	}
	if !used {
		return nil
	}
	return addresses
}
