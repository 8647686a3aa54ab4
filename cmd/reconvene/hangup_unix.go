//go:build unix

package main

import (
	"os"
	"syscall"
)

// hangupSignals ask for the configuration to be read again.
var hangupSignals = []os.Signal{syscall.SIGHUP}
