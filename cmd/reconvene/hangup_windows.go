package main

import "os"

// hangupSignals is empty: Windows has no signal for it. Changed files are
// noticed all the same.
var hangupSignals []os.Signal
