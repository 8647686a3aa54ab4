//go:build unix

package main

import (
	"os"
	"syscall"
)

// reloadSignals ask for the configuration to be read again, and for the log file
// to be opened again.
var reloadSignals = []os.Signal{syscall.SIGHUP}

// reopenSignals ask for the log file to be opened again.
var reopenSignals = []os.Signal{syscall.SIGUSR1}
