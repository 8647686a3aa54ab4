package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"
)

// serviceAccount is a virtual account: it exists for this service alone, has no
// password, and no rights but those that Install gives it.
const serviceAccount = `NT SERVICE\` + serviceName

// stopPatience is how long Start and Stop wait. It is more than the time that
// running transactions may take (limits.shutdown_timeout).
const stopPatience = 3 * time.Minute

// scm is the service control manager of Windows.
type scm struct{}

func newServiceManager() (serviceManager, error) { return scm{}, nil }

// open connects to the service; the caller calls done.
func (scm) open() (s *mgr.Service, done func(), err error) {
	m, err := mgr.Connect()
	if err != nil {
		return nil, nil, asAdministrator(err)
	}
	if s, err = m.OpenService(serviceName); err != nil {
		m.Disconnect()
		return nil, nil, asAdministrator(err)
	}
	return s, func() { s.Close(); m.Disconnect() }, nil
}

// asAdministrator returns what to do about missing rights.
func asAdministrator(err error) error {
	switch {
	case errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return fmt.Errorf("%w; run it in a console that was opened with \"Run as administrator\"", err)
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		return fmt.Errorf(`the service %s is not installed; run "reconvene service install"`, serviceName)
	}
	return err
}

// Install creates the service with what every version of the manager knows, and
// adds the rest one by one. An installed service is updated: it gets this program
// and this configuration, and keeps what the administrator has set of account and
// start.
func (scm) Install(program, config string) (warnings []error, err error) {
	folder := filepath.Dir(config)
	if err := os.MkdirAll(filepath.Join(folder, "state"), 0o750); err != nil { // where the ledger is kept, if [state] does not say otherwise
		return nil, err
	}
	m, err := mgr.Connect()
	if err != nil {
		return nil, asAdministrator(err)
	}
	defer m.Disconnect()
	args := []string{"serve", "--config", config}
	s, err := m.OpenService(serviceName)
	if err == nil {
		defer s.Close()
		return nil, errors.Join(update(s, append([]string{program}, args...)), grant(folder), installEventSource(program))
	}
	s, err = m.CreateService(serviceName, program, mgr.Config{
		StartType:        mgr.StartAutomatic,
		ErrorControl:     mgr.ErrorNormal,
		DisplayName:      "Reconvene SMTP smart host",
		Description:      "Repairs meeting messages between Microsoft Exchange and the internet.",
		ServiceStartName: serviceAccount,
		Dependencies:     []string{"Tcpip"},
	}, args...)
	if err != nil {
		return nil, asAdministrator(err)
	}
	defer s.Close()
	warnings, err = configure(s)
	if err := errors.Join(err, grant(folder), installEventSource(program)); err != nil {
		return nil, errors.Join(fmt.Errorf("the service was not installed: %w", err), s.Delete())
	}
	return warnings, nil
}

// update gives an installed service another command line.
func update(s *mgr.Service, words []string) error {
	for i, word := range words {
		words[i] = windows.EscapeArg(word)
	}
	line, err := windows.UTF16PtrFromString(strings.Join(words, " "))
	if err != nil {
		return err
	}
	const same = windows.SERVICE_NO_CHANGE
	return windows.ChangeServiceConfig(s.Handle, same, same, same, line, nil, nil, nil, nil, nil, nil)
}

// configure sets what older service managers, and that of Wine, do not know. What
// is refused for that reason is a warning: the service works without it.
func configure(s *mgr.Service) (warnings []error, err error) {
	again := func(after time.Duration) mgr.RecoveryAction {
		return mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: after}
	}
	const day = 24 * 60 * 60                                 // seconds
	sidType := uint32(windows.SERVICE_SID_TYPE_UNRESTRICTED) // SERVICE_SID_INFO has this one member
	delayed := windows.SERVICE_DELAYED_AUTO_START_INFO{IsDelayedAutoStartUp: 1}
	timeout := uint32(stopPatience.Milliseconds()) // SERVICE_PRESHUTDOWN_INFO has this one member
	for _, setting := range []struct {
		without string
		set     func() error
	}{
		{"the service has no identity of its own", func() error {
			return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_SERVICE_SID_INFO, (*byte)(unsafe.Pointer(&sidType)))
		}},
		{"the service starts together with the others, not after them", func() error {
			return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_DELAYED_AUTO_START_INFO, (*byte)(unsafe.Pointer(&delayed)))
		}},
		{"the service is not started again after a failure", func() error {
			return s.SetRecoveryActions([]mgr.RecoveryAction{again(5 * time.Second), again(30 * time.Second), again(2 * time.Minute)}, day)
		}},
		{"the service is started again after a crash only, not when it ended with an error", func() error {
			return s.SetRecoveryActionsOnNonCrashFailures(true)
		}},
		{"running transactions have less time to finish when Windows shuts down", func() error {
			return windows.ChangeServiceConfig2(s.Handle, windows.SERVICE_CONFIG_PRESHUTDOWN_INFO, (*byte)(unsafe.Pointer(&timeout)))
		}},
	} {
		switch err := setting.set(); {
		case errors.Is(err, windows.ERROR_INVALID_LEVEL):
			warnings = append(warnings, fmt.Errorf("%s: this service manager cannot do it", setting.without))
		case err != nil:
			return nil, err
		}
	}
	return warnings, nil
}

// grant lets the service read and write the folder of its configuration (log and
// state are below it), and nobody else but administrators and the system.
func grant(folder string) error {
	account, err := windows.StringToSid(serviceSID(serviceName))
	if err != nil {
		return err
	}
	var entries []windows.EXPLICIT_ACCESS
	allow := func(sid *windows.SID, rights windows.ACCESS_MASK) {
		entries = append(entries, windows.EXPLICIT_ACCESS{
			AccessPermissions: rights,
			AccessMode:        windows.GRANT_ACCESS,
			Inheritance:       windows.SUB_CONTAINERS_AND_OBJECTS_INHERIT,
			Trustee:           windows.TRUSTEE{TrusteeForm: windows.TRUSTEE_IS_SID, TrusteeValue: windows.TrusteeValueFromSID(sid)},
		})
	}
	for _, wellKnown := range []windows.WELL_KNOWN_SID_TYPE{windows.WinBuiltinAdministratorsSid, windows.WinLocalSystemSid} {
		sid, err := windows.CreateWellKnownSid(wellKnown)
		if err != nil {
			return err
		}
		allow(sid, windows.GENERIC_ALL)
	}
	allow(account, windows.GENERIC_READ|windows.GENERIC_WRITE|windows.GENERIC_EXECUTE|windows.DELETE)
	acl, err := windows.ACLFromEntries(entries, nil)
	if err != nil {
		return err
	}
	if err := windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil); err != nil {
		return fmt.Errorf("the rights on %s could not be set: %w", folder, err)
	}
	return nil
}

// installEventSource registers the source in the Event Log whose texts are in
// this program.
func installEventSource(program string) error {
	_ = eventlog.Remove(serviceName) // of an installation before
	return eventlog.Install(serviceName, program, false, eventlog.Error|eventlog.Warning|eventlog.Info)
}

func (c scm) Remove() error {
	if state, err := c.State(); err != nil {
		return err
	} else if state.Running {
		if err := c.Stop(); err != nil {
			return err
		}
	}
	s, done, err := c.open()
	if err != nil {
		return err
	}
	defer done()
	if err := s.Delete(); err != nil {
		return asAdministrator(err)
	}
	_ = closeFirewall(netsh) // there is a rule only if it was asked for
	return eventlog.Remove(serviceName)
}

func (c scm) Start() error {
	s, done, err := c.open()
	if err != nil {
		return err
	}
	defer done()
	if err := s.Start(); err != nil && !errors.Is(err, windows.ERROR_SERVICE_ALREADY_RUNNING) {
		return asAdministrator(err)
	}
	return await(s, svc.Running)
}

func (c scm) Stop() error {
	s, done, err := c.open()
	if err != nil {
		return err
	}
	defer done()
	if _, err := s.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return asAdministrator(err)
	}
	return await(s, svc.Stopped)
}

// await asks until the service is in a state. A service that stops instead of
// starting has written the reason to the Event Log.
func await(s *mgr.Service, want svc.State) error {
	for end := time.Now().Add(stopPatience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		status, err := s.Query()
		if err != nil {
			return err
		}
		switch {
		case status.State == want:
			return nil
		case status.State == svc.Stopped:
			return fmt.Errorf("the service ended at once, exit code %d; the reason is in the Event Log, source %s", status.ServiceSpecificExitCode, serviceName)
		}
	}
	return fmt.Errorf("the service did not become %s in %s", stateWord(want), stopPatience)
}

func stateWord(s svc.State) string {
	words := map[svc.State]string{svc.Stopped: "stopped", svc.StartPending: "starting", svc.StopPending: "stopping", svc.Running: "running",
		svc.ContinuePending: "continuing", svc.PausePending: "pausing", svc.Paused: "paused"}
	if w, ok := words[s]; ok {
		return w
	}
	return fmt.Sprintf("in state %d", s)
}

func (c scm) State() (serviceState, error) {
	m, err := mgr.Connect()
	if err != nil {
		return serviceState{}, asAdministrator(err)
	}
	defer m.Disconnect()
	s, err := m.OpenService(serviceName)
	if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
		return serviceState{State: "not installed"}, nil
	}
	if err != nil {
		return serviceState{}, asAdministrator(err)
	}
	defer s.Close()
	status, err := s.Query()
	if err != nil {
		return serviceState{}, err
	}
	return serviceState{Installed: true, Running: status.State == svc.Running, State: stateWord(status.State), PID: status.ProcessId}, nil
}
