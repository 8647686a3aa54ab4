package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

// serveAsService runs serve below the service control manager when that has
// started us; handled reports whether it did.
func serveAsService(e *env, file string) (handled bool, err error) {
	if is, err := mayBeService(); err != nil || !is {
		return false, err
	}
	err = svc.Run(serviceName, &windowsService{e: e, file: file})
	if errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
		return false, nil
	}
	return true, err
}

// mayBeService reports whether the service control manager is to be asked. Wine
// numbers the session of its manager in another way than IsWindowsService
// expects; there it counts that a service has no standard error.
func mayBeService() (bool, error) {
	if is, err := svc.IsWindowsService(); err != nil || is {
		return is, err
	}
	handle, err := windows.GetStdHandle(windows.STD_ERROR_HANDLE)
	return err == nil && handle == 0, nil
}

// windowsService drives a daemon by the controls of the service control manager:
// stop and preshutdown end it when running transactions are finished, paramchange
// reads the configuration again.
type windowsService struct {
	e    *env
	file string
}

const accepted = svc.AcceptStop | svc.AcceptShutdown | svc.AcceptPreShutdown | svc.AcceptParamChange

// Execute implements svc.Handler. A code that is not 0 makes Windows start the
// service again.
func (w *windowsService) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (specific bool, code uint32) {
	status <- svc.Status{State: svc.StartPending}
	if events, err := eventlog.Open(serviceName); err == nil {
		defer events.Close()
		w.e.events = &eventHandler{now: w.e.now, write: func(level slog.Level, id uint32, text string) error {
			switch {
			case level >= slog.LevelError:
				return events.Error(id, text)
			case level >= slog.LevelWarn:
				return events.Warning(id, text)
			}
			return events.Info(id, text)
		}}
	}
	d, err := w.start()
	if err != nil {
		w.report(err)
		return true, 1
	}
	status <- svc.Status{State: svc.Running, Accepts: accepted}
	d.log.ConfigLoaded(d.file)
	for {
		select {
		case <-d.Ended():
			status <- svc.Status{State: svc.StopPending}
			if err := d.Wait(); err != nil {
				return true, 1
			}
			return false, 0
		case r := <-requests:
			switch r.Cmd {
			case svc.Interrogate:
				status <- r.CurrentStatus
			case svc.ParamChange:
				d.Reload()
				status <- r.CurrentStatus
			case svc.Stop, svc.Shutdown, svc.PreShutdown:
				status <- svc.Status{State: svc.StopPending, WaitHint: uint32(stopPatience.Milliseconds())}
				d.Stop(controlWord(r.Cmd))
			}
		}
	}
}

func controlWord(c svc.Cmd) string {
	if c == svc.Stop {
		return "the service was stopped"
	}
	return "Windows shuts down"
}

// start loads the configuration and starts the daemon. A service has no standard
// error: the log, unless the configuration names a file, and what else would go
// there go to files beside the configuration.
func (w *windowsService) start() (*daemon, error) {
	file := configFile(w.e, w.file)
	folder := serviceLogs(file)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("%w; %s", err, serviceFolderHint)
	}
	out, err := os.OpenFile(filepath.Join(folder, "errors.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, serviceFolderHint)
	}
	w.e.logFile = filepath.Join(folder, "reconvene.log")
	w.e.stderr = out
	cfg, problems, err := loadConfig(w.e, file)
	if err != nil {
		return nil, problems.Err()
	}
	return startDaemon(w.e, file, cfg, problems.Warnings())
}

// report writes why the service did not start to the Event Log, where an
// administrator looks first.
func (w *windowsService) report(err error) {
	if w.e.stderr != nil {
		fmt.Fprintf(w.e.stderr, "reconvene: %v\n", err)
	}
	if w.e.events != nil {
		_ = w.e.events.Event(eventStartFailed, "\r\n"+eventValue(err.Error()), "")
	}
}
