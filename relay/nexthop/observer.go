package nexthop

import (
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Observer receives the events of connections to next hops. Its methods must not
// block, and may be called concurrently.
type Observer interface {
	Opened(Event)      // a connection is ready for mail
	Closed()           // one that was Opened has ended
	Reused()           // a transaction needed no new connection
	Failed(Event)      // a host could not be used; the next one is tried
	Full(Event)        // a host accepts no further connection; the transaction waits for an open one
	Unencrypted(Event) // tls = "opportunistic" continues without TLS
}

// Event describes a connection to a next hop.
type Event struct {
	Route   string
	Via     string // the entry of via that the host belongs to
	NextHop string // "mail.example.com [192.0.2.1]:25", or the address that was dialled
	TLS     string // "TLS1.3 TLS_AES_128_GCM_SHA256", "" in plain text
	Policy  string // what the host's domain required: "dane", "mta-sts", …; known when Opened
	DSN     bool   // the host offers DSN (RFC 3461); known when Opened
	Why     string // what failed: "connect", "greeting", "starttls", "auth", …
	Verdict envelope.Verdict
	Err     error
	Took    time.Duration
}

// unobserved is the Observer that ignores all events.
type unobserved struct{}

func (unobserved) Opened(Event)      {}
func (unobserved) Closed()           {}
func (unobserved) Reused()           {}
func (unobserved) Failed(Event)      {}
func (unobserved) Full(Event)        {}
func (unobserved) Unencrypted(Event) {}
