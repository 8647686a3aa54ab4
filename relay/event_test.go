package relay

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
)

// books is a sink that keeps what it is told.
type books struct {
	mu   sync.Mutex
	told []*Event
	more chan struct{}
}

func (b *books) Message(e *Event) {
	b.mu.Lock()
	b.told = append(b.told, e)
	b.mu.Unlock()
	b.more <- struct{}{}
}

// next waits for the next event.
func (b *books) next() *Event {
	<-b.more
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told[len(b.told)-1]
}

// Each way in which a message can end is told, once, with every recipient.
func TestEveryEnd(t *testing.T) {
	no := envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: []string{"nobody"}, Remote: "next"}
	later := envelope.Verdict{Code: 451, Enhanced: [3]int{4, 7, 1}, Text: []string{"later"}, Remote: "next"}
	rcpts := func(path string) envelope.Verdict {
		switch {
		case strings.HasPrefix(path, "no"):
			return no
		case strings.HasPrefix(path, "later"):
			return later
		}
		return envelope.Verdict{Code: 250, Remote: "next"}
	}
	const body = "Message-ID: <1@sender.example>\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\r\nbody\r\n.\r\n"
	to := func(names ...string) string {
		s := "MAIL FROM:<a@sender.example>\r\n"
		for _, n := range names {
			s += "RCPT TO:<" + n + "@rcpt.example>\r\n"
		}
		return s
	}
	tests := []struct {
		name    string
		final   *envelope.Verdict // on the message; nil: 250
		say     string
		close   bool
		outcome delivery.Outcome
		rcpts   string // classes
		subject string
		why     string
	}{
		{"delivered", nil, to("b", "c") + "DATA\r\n" + body, false, delivery.Delivered, "delivered delivered", "Café", ""},
		{"one refused", nil, to("b", "no") + "DATA\r\n" + body, false, delivery.Delivered, "delivered refused", "Café", ""},
		{"three verdicts", &later, to("b", "no", "later") + "DATA\r\n" + body, false, delivery.Deferred, "deferred refused deferred", "Café", ""},
		{"refused at the end", &no, to("b", "c") + "DATA\r\n" + body, false, delivery.Refused, "refused refused", "Café", ""},
		{"all refused at RCPT, then QUIT", nil, to("no", "no2") + "QUIT\r\n", false, delivery.Refused, "refused refused", "", "no recipient was accepted"},
		{"all refused at RCPT, then DATA and RSET", nil, to("no") + "DATA\r\nRSET\r\n", false, delivery.Refused, "refused", "", "no recipient was accepted"},
		{"one deferred at RCPT, then the next", nil, to("no", "later") + "RSET\r\n", false, delivery.Deferred, "refused deferred", "", "no recipient was accepted"},
		{"accepted, then RSET", nil, to("b", "no") + "RSET\r\n", false, delivery.Aborted, "aborted refused", "", "with RSET"},
		{"accepted, then EHLO", nil, to("b") + "EHLO again.example\r\n", false, delivery.Aborted, "aborted", "", "with EHLO"},
		{"gone before the body", nil, to("b"), true, delivery.Aborted, "aborted", "", "the client disconnected"},
		{"gone within the body", nil, to("b") + "DATA\r\nSubject: half\r\nMessage-ID: <h@x>\r\n\r\n", true, delivery.Aborted, "aborted", "half", "the client disconnected"},
		{"malformed", nil, to("b") + "RCPT TO:<a@@b>\r\nRCPT TO:<c@rcpt.example> BY=5;R\r\nDATA\r\n" + body, false, delivery.Delivered,
			"delivered refused refused", "Café", ""},
		{"too many", nil, to(strings.Fields(strings.Repeat("b ", 11))...) + "DATA\r\n" + body, false, delivery.Delivered,
			strings.Repeat("delivered ", 10) + "deferred", "Café", ""},
		{"no recipient", nil, to() + "RSET\r\n", false, delivery.Aborted, "", "", "with RSET"},
		{"too large", nil, to("b") + "DATA\r\nSubject: large\r\n\r\n" + strings.Repeat("x\r\n", 400_000) + ".\r\n", false, delivery.Refused, "refused", "large", ""},
		{"too large by its SIZE", nil, "MAIL FROM:<a@sender.example> SIZE=99999999\r\n", false, delivery.Refused, "", "", "MAIL was refused"},
		{"loop", nil, to("b") + "DATA\r\n" + strings.Repeat("Received: x\r\n", 200) + body, false, delivery.Refused, "refused", "Café", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &books{more: make(chan struct{}, 10)}
			r := newRig(t, nil, func(o *Options) { o.Sinks = []Sink{b} })
			r.hop.rcpt = rcpts
			if tt.final != nil {
				r.hop.final = func(string) envelope.Verdict { return *tt.final }
			}
			c := r.hello("plain")
			c.send(tt.say)
			if tt.close {
				for range strings.Count(tt.say, "RCPT") + strings.Count(tt.say, "MAIL") {
					c.reply()
				}
				c.conn.Close()
			}
			e := b.next()
			var classes []string
			for _, r := range e.Recipients {
				classes = append(classes, r.Verdict.Class())
				if ours := strings.Contains("too large loop malformed too many", tt.name); r.NextHop == "" && !ours {
					t.Errorf("%s: no next hop", r.Address)
				}
			}
			if e.Outcome != tt.outcome || strings.Join(classes, " ") != tt.rcpts || e.Subject != tt.subject || !strings.Contains(e.Why, tt.why) || tt.why == "" && e.Why != "" {
				t.Errorf("%s, %v, subject %q, why %q", e.Outcome, classes, e.Subject, e.Why)
			}
			if log := r.log.String(); strings.Count(log, "msg=message") != 1 || strings.Count(log, "msg=recipient") != len(classes) {
				t.Errorf("the log says %s", log)
			}
			if e.ID == "" || e.From != "a@sender.example" || e.Listener != "plain" {
				t.Errorf("%+v", e)
			}
		})
	}
}

// A sink that fails costs nothing.
func TestSinkFails(t *testing.T) {
	r := newRig(t, nil, func(o *Options) { o.Sinks = []Sink{failing{}} })
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(message + ".\r\n")
	c.expect("250")
	if !strings.Contains(r.log.String(), "msg=fault") {
		t.Errorf("the log does not say so: %s", r.log)
	}
}

type failing struct{}

func (failing) Message(*Event) { panic("the books are closed") }

// What became of the form that was taken is what is told; when none was taken
// the message is refused.
func TestOutcomeOfFallbacks(t *testing.T) {
	for refused, want := range []delivery.Outcome{delivery.Repaired, delivery.LeftAlone, delivery.Simplified, delivery.Simplified, delivery.Notice, delivery.Refused} {
		t.Run(string(want), func(t *testing.T) {
			b := &books{more: make(chan struct{}, 1)}
			pick := &picky{replies: slices.Repeat([]string{content}, refused)}
			r, _ := fallingBack(t, pick, nil, func(o *Options) { o.Sinks = []Sink{b} })
			r.hello("plain").bring(meetingMail(t))
			if e := b.next(); e.Outcome != want || len(e.Meeting.Components()) == 0 {
				t.Errorf("%d refusals: %s", refused, e.Outcome)
			}
			level := "level=INFO"
			if want == delivery.Notice || want == delivery.Refused {
				level = "level=WARN"
			}
			for line := range strings.Lines(r.log.String()) {
				if (strings.Contains(line, "msg=message") || strings.Contains(line, "msg=recipient")) && !strings.Contains(line, level) {
					t.Errorf("not %s: %s", level, line)
				}
			}
		})
	}
}

// A meeting whose only calendar is in an enclosed message is named, but nobody is
// told of its revision, and no profile was chosen for it.
func TestEnclosedIsNamed(t *testing.T) {
	b := &books{more: make(chan struct{}, 1)}
	r := newRig(t, nil, func(o *Options) { o.Sinks = []Sink{b} })
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send("From: a@sender.example\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/calendar; method=CANCEL\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n" +
		"BEGIN:VEVENT\r\nUID:inside@sender.example\r\nSEQUENCE:2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n.\r\n")
	c.expect("250")
	if e := b.next(); e.Outcome != delivery.LeftAlone || len(e.Meeting.Components()) != 1 || e.Meeting.Components()[0].Received.Sequence != 2 {
		t.Errorf("%+v", e.Meeting)
	}
	for word, want := range map[string]bool{"uid=inside@sender.example": true, "method=CANCEL": true, `why="inside message/rfc822"`: true, " seq=": false, " profile=": false} {
		if strings.Contains(r.log.String(), word) != want {
			t.Errorf("%s: %v, in %s", word, !want, r.log)
		}
	}
}

func TestSummary(t *testing.T) {
	long := "<" + strings.Repeat("i", 3000) + "@x>"
	for _, tt := range []struct{ name, in, id, subject string }{
		{"plain", "Subject: a\r\nMessage-ID: <1@x>\r\n\r\nSubject: body\r\n", "<1@x>", "a"},
		{"folded", "subject:\r\n a\r\n\tb\r\nMESSAGE-ID:\r\n <1@x>\r\n\r\n", "<1@x>", "a b"},
		{"encoded", "Subject: =?iso-8859-1?q?Caf=E9?= =?utf-8?b?IOKAkw==?=\r\n\r\n", "", "Café –"},
		{"legacy", "Subject: Caf\xe9\r\n\r\n", "", "Café"},
		{"unknown charset", "Subject: =?x-none?q?a?=\r\n\r\n", "", "=?x-none?q?a?="},
		{"first counts", "Subject: a\r\nSubject: b\r\n\r\n", "", "a"},
		{"none", "From: x\r\n\r\nSubject: body\r\n", "", ""},
		{"cut off", "Subject: a\r\nMessage-ID: <1@x>", "<1@x>", "a"},
		{"long id", "X: y\r\nMessage-ID: " + long + "\r\n\r\n", long, ""},
		{"long other field", "X: " + strings.Repeat("Subject: no ", 1000) + "\r\nSubject: a\r\n\r\n", "", "a"},
		{"shortened", "Subject: " + strings.Repeat("é", 300) + "\r\n\r\n", "", strings.Repeat("é", maxSubject) + "…"},
		{"alike", "Subject-X: a\r\nMessage-IDs: b\r\nSubject : c\r\n\r\n", "", "c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if id, subject := summary(strings.NewReader(tt.in)); id != tt.id || subject != tt.subject {
				t.Errorf("got %q and %q", id, subject)
			}
		})
	}
}

func FuzzSummary(f *testing.F) {
	f.Add("Subject: =?iso-8859-1?q?Caf=E9?=\r\nMessage-ID:\r\n <1@x>\r\n\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		if id, subject := summary(strings.NewReader(s)); len([]rune(subject)) > maxSubject+1 || len(id) > len(s) {
			t.Errorf("%q and %q", id, subject)
		}
	})
}

// Without [log] subject nobody learns it.
func TestNoSubject(t *testing.T) {
	b := &books{more: make(chan struct{}, 1)}
	r := newRig(t, func(c *config.Config) { c.Log.Subject = false }, func(o *Options) { o.Sinks = []Sink{b} })
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(message + ".\r\n")
	c.expect("250")
	if e := b.next(); e.Subject != "" || strings.Contains(r.log.String(), "hello") {
		t.Errorf("%q, %s", e.Subject, r.log)
	}
}
