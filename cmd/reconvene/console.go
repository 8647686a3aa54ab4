package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// console drives a daemon by signals until it ends. It reports the daemon's error.
func console(d *daemon) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, slices.Concat([]os.Signal{os.Interrupt, syscall.SIGTERM}, reloadSignals, reopenSignals)...)
	defer signal.Stop(signals)
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
