package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// earlySignals is to be called before a daemon is started: to open a large queue takes a
// while, and the signals that logrotate or a reload sends meanwhile would end the process.
// One that stops ends a process that starts.
func earlySignals() chan os.Signal {
	signals := make(chan os.Signal, 4)
	if early := slices.Concat(reloadSignals, reopenSignals); len(early) > 0 { // none would mean all
		signal.Notify(signals, early...)
	}
	return signals
}

// console drives a daemon by signals until it ends. It reports the daemon's error.
func console(d *daemon, signals chan os.Signal) error {
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	// Not before the signals are ours: whoever reads this line may send one.
	d.log.ConfigLoaded(d.file)
	d.manager.ready()

	stopping := false
	for {
		select {
		case <-d.Ended():
			return d.Wait()
		case sig := <-signals:
			switch {
			case slices.Contains(reloadSignals, sig):
				d.Reload()
			case slices.Contains(reopenSignals, sig):
				d.ReopenLog()
			case stopping:
				d.Abort(sig.String() + ", again: at once")
			default:
				stopping = true
				d.Stop(sig.String())
			}
		}
	}
}
