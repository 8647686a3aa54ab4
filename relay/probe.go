package relay

import "context"

// ProbeResult is what one host of a route showed us.
type ProbeResult struct {
	Host        string   // as in via
	Address     string   // where it was reached
	Greeting    string   // the text of its greeting
	Extensions  []string // its EHLO keywords with parameters
	TLSVersion  string   // "" without TLS
	TLSCipher   string
	Certificate string   // what a verification says, also where none is asked for
	Auth        []string // mechanisms offered
	Profile     string   // what greeting and keywords suggest
	Err         error    // why it cannot be used
}

// Probe connects to each host of a route as a delivery would, up to and with
// the logon, and says what it found.
func (n *NextHop) Probe(ctx context.Context, r *Route) []ProbeResult { return nil }
