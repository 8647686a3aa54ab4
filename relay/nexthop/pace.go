package nexthop

import "time"

const (
	// slowCount is how many consecutive slow messages are considered to be a limit of
	// the server.
	slowCount = 3
	// A reply is slow if it takes slowTimes as long as the fastest one on the
	// connection, and at least slowLeast.
	slowTimes = 4
	slowLeast = 200 * time.Millisecond
)

// pace detects a server that replies to the envelope of each message on a connection
// more slowly than to that of the one before, as Exim does above the threshold of
// smtp_ratelimit_mail. On a new connection it would reply at once.
type pace struct {
	longest time.Duration // wait for a reply in the transaction that is open
	usual   time.Duration // the shortest of those; 0: none yet
	last    time.Duration // that of the message before
	slow    int           // consecutive slow ones
}

// reply records how long the reply to MAIL or RCPT took.
func (p *pace) reply(took time.Duration) { p.longest = max(p.longest, took) }

// ended ends a transaction, and reports whether the delay has grown for slowCount
// consecutive messages.
func (p *pace) ended() bool {
	took := p.longest
	p.longest = 0
	if took == 0 {
		return false
	}
	slow := p.usual > 0 && took >= slowLeast && took >= slowTimes*p.usual
	switch {
	case slow && took >= p.last:
		p.slow++
	case slow:
		p.slow = 1
	default:
		p.slow = 0
	}
	p.last = took
	if p.usual == 0 || took < p.usual {
		p.usual = took
	}
	return p.slow == slowCount
}
