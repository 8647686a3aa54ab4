package main

import "os"

// Windows has no signals for these: changed files are noticed all the same, and
// the service control "paramchange" asks for a reload.
var reloadSignals, reopenSignals []os.Signal
