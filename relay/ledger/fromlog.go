package ledger

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/logfile"
)

// fromLog puts records together from the lines of the log: a message line, then
// its components and recipients. The log does not know when a meeting is, its
// place, its organizer and its attendees.
type fromLog struct {
	scribe addressWriter
	open   *Record // the message whose recipients follow
}

// line takes one line. It returns the record that it ends, and whether the line
// is one of the log.
func (f *fromLog) line(text []byte) (done []*Record, known bool) {
	l, ok := logfile.Parse(text)
	if !ok {
		return nil, false
	}
	switch l.Msg {
	case "message":
		done = f.rest()
		if l.Get("uid") == "" || l.Get("seq") == "" { // without a revision: only enclosed
			return done, true
		}
		f.open = f.message(l)
	case "component":
		if f.open != nil && l.Get("id") == f.open.ID {
			if l.Int("number") == 1 {
				f.open.Components = nil
			}
			f.open.Components = append(f.open.Components, componentFrom(l))
		}
	case "recipient":
		if f.open != nil && l.Get("id") == f.open.ID {
			code, reply := l.Int("code"), l.Get("reply")
			d := Delivery{Attendee: f.scribe.address(l.Get("to")), Verdict: l.Get("verdict"), Code: code, NextHop: l.Get("nexthop")}
			if first, rest, _ := strings.Cut(reply, " "); strings.Count(first, ".") == 2 && strings.Trim(first, "0123456789.") == "" {
				d.Enhanced, reply = first, rest
			}
			d.Reply = f.scribe.words(reply, l.Get("to"))
			f.open.Deliveries = append(f.open.Deliveries, d)
		}
	}
	return done, true
}

// rest ends the last record.
func (f *fromLog) rest() []*Record {
	r := f.open
	f.open = nil
	if r == nil || len(r.Deliveries) == 0 || len(r.Components) == 0 {
		return nil
	}
	return []*Record{r}
}

func (f *fromLog) message(l *logfile.Line) *Record {
	c := componentFrom(l)
	if f.scribe.texts {
		c.Summary = l.Get("subject")
	}
	from := l.Get("from")
	if from == "<>" {
		from = ""
	}
	return &Record{ID: l.Get("id"), Time: l.Time.UTC().Truncate(time.Millisecond), Inbound: l.Get("direction") == "inbound", MessageID: l.Get("msgid"), Listener: l.Get("listener"),
		Route: l.Get("route"), Client: l.Get("client"), Sender: f.scribe.address(from), Size: int64(l.Int("size_bytes")), Profile: l.Get("profile"), Form: l.Get("form"),
		Outcome: l.Get("outcome"), Findings: l.Values["findings"], Applied: l.Values["applied"], Vetoed: l.Values["vetoed"], Why: l.Get("why"), Components: []Component{c}}
}

// componentFrom returns a component as far as the log describes it.
func componentFrom(l *logfile.Line) Component {
	sent := func(key string) string {
		if v := l.Get(key + "_sent"); v != "" {
			return v
		}
		return l.Get(key)
	}
	c := Component{Name: l.Get("component"), UID: sent("uid"), Occurrence: sent("recurrence_id"), Method: l.Get("method"), MethodSent: sent("method"),
		Seq: l.Int("seq"), SeqSent: l.Int("seq"), Stamp: l.Get("dtstamp"), StampSent: sent("dtstamp")}
	if l.Get("seq_sent") != "" {
		c.SeqSent = l.Int("seq_sent")
	}
	if l.Get("uid_sent") != "" {
		c.UIDReceived = l.Get("uid")
	}
	return c
}
