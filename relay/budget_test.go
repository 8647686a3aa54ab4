package relay

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
)

// meeting is a calendar that is repaired.
const meeting = "From: a@sender.example\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n" +
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nPRODID:Microsoft CDO for Microsoft Exchange\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260301T090000Z\r\n" +
	"DTSTART:20260310T100000Z\r\nDTEND:20260310T110000Z\r\nORGANIZER:MAILTO:a@sender.example\r\nSEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// crowd takes nearly all memory for repairs for the message of crowd@sender.example, until
// release, and counts what else asks for some.
type crowd struct {
	release chan struct{}
	once    sync.Once
	inside  atomic.Bool // it has the memory
	asked   atomic.Int32
}

// leave lets the crowd go.
func (c *crowd) leave() { c.once.Do(func() { close(c.release) }) }

// alter puts the crowd before the rewriter.
func (c *crowd) alter(o *Options) {
	c.release = make(chan struct{})
	o.Delivery.Rewrite = func(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
		admit := o.Admit
		o.Admit = func(octets int64) error {
			c.asked.Add(1)
			return admit(octets)
		}
		if o.Sender == "crowd@sender.example" {
			if err := admit(crowdedMemory * 7 / 8); err != nil {
				return rewrite.Result{}, err
			}
			c.inside.Store(true)
			<-c.release
		}
		return rewrite.Message(src, o)
	}
}

// crowdedMemory holds one meeting, and not a second one beside what the crowd takes.
const crowdedMemory = 120_000

// comes lets the message in that takes the memory; the talker gets its reply at the end.
func (c *crowd) comes(r *rig) *talker {
	other := r.hello("plain")
	other.say("MAIL FROM:<crowd@sender.example>", "250")
	other.say("RCPT TO:<b@rcpt.example>", "250")
	other.say("DATA", "354")
	other.send(message + ".\r\n")
	return other
}

// While one message takes nearly all of the memory, another one waits no longer than it
// may, and then goes out as it came.
func TestBusy(t *testing.T) {
	for _, transport := range []string{"plain", "starttls", "implicit"} {
		t.Run(transport, func(t *testing.T) {
			var full crowd
			r := newRig(t, func(cfg *config.Config) {
				cfg.Rewrite.Timeout, cfg.Rewrite.Wait, cfg.Limits.MemoryTotal = 10*time.Second, 20*time.Millisecond, crowdedMemory
			}, full.alter)
			defer full.leave()
			first, c := full.comes(r), r.hello(transport)
			send := func(body string) {
				c.envelope()
				c.say("DATA", "354")
				c.send(body + ".\r\n")
				c.expect("250")
			}
			send(message) // no calendar, no wait
			eventually(t, full.inside.Load)
			send(meeting)
			wantBodies(t, r, message, meeting)
			for _, want := range []string{"msg=left-alone", "what=message why=busy", "outcome=left-alone", "level=INFO"} {
				if !strings.Contains(r.log.String(), want) {
					t.Errorf("%s is missing in the log: %s", want, r.log)
				}
			}
			full.leave()
			first.expect("250")
			send(meeting)
			if got := r.hop.bodies(); len(got) != 4 || got[3] == meeting {
				t.Errorf("not repaired: %s", brief(got))
			}
		})
	}
}

// A client that goes away while its message waits for its turn gets nothing
// delivered: it will send it again.
func TestGoneWhileWaiting(t *testing.T) {
	for _, transport := range []string{"plain", "starttls", "implicit"} {
		t.Run(transport, func(t *testing.T) {
			r, c, full := waiting(t, transport)
			c.conn.Close()
			eventually(t, func() bool { return strings.Contains(r.log.String(), "verdict=aborted") })
			wantBodies(t, r)
			full.leave()
		})
	}
}

// waiting is a meeting that waits for its turn.
func waiting(t *testing.T, transport string) (*rig, *talker, *crowd) {
	full := &crowd{}
	r := newRig(t, func(cfg *config.Config) {
		cfg.Rewrite.Timeout, cfg.Rewrite.Wait, cfg.Limits.MemoryTotal = 10*time.Second, time.Hour, crowdedMemory
	}, full.alter)
	t.Cleanup(full.leave)
	full.comes(r)
	eventually(t, full.inside.Load)
	c := r.hello(transport)
	c.envelope()
	c.say("DATA", "354")
	c.send(meeting + ".\r\n")
	eventually(t, func() bool { return full.asked.Load() == 1 })
	return r, c, full
}

// The forms of one message share one time: what the first one took is not there
// for the next.
func TestTimeInSum(t *testing.T) {
	var clock atomic.Int64
	var given []time.Duration
	r := newRig(t, func(cfg *config.Config) { cfg.Rewrite.Timeout, cfg.Rewrite.OnRefuse = 10*time.Second, "fallback" }, func(o *Options) {
		o.Now = func() time.Time { return time.Unix(clock.Load(), 0) }
		o.Delivery.Rewrite = func(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
			if o.Mode == rewrite.Off {
				return rewrite.Message(src, o)
			}
			given = append(given, o.Timeout)
			if o.Timeout < time.Second {
				return rewrite.Result{}, rewrite.ErrTimeout
			}
			err := o.Admit(1)
			clock.Add(4)
			o.Admit = nil
			res, _ := rewrite.Message(src, o)
			return res, err
		}
	})
	r.hop.final = func(string) envelope.Verdict {
		return envelope.Verdict{Code: 554, Enhanced: [3]int{5, 6, 0}, Text: []string{"not this"}, Whole: true, Remote: hopSays250.Remote}
	}
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(meeting + ".\r\n")
	c.expect("554")
	if len(given) < 4 || given[0] != 10*time.Second || given[1] != 6*time.Second || given[2] != 2*time.Second || given[3] > time.Second {
		t.Errorf("given %v", given)
	}
}
