package ledger

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// entryWriter appends JSON. Members that are zero are left out, as omitempty and omitzero do.
type entryWriter struct{ b []byte }

// member begins a member of an object, or an element of an array if it has no key.
func (w *entryWriter) member(key string) {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
	if key != "" {
		w.b = append(append(append(w.b, '"'), key...), '"', ':')
	}
}

func (w *entryWriter) open(key string, bracket byte) {
	w.member(key)
	w.b = append(w.b, bracket)
}

func (w *entryWriter) shut(bracket byte) { w.b = append(w.b, bracket) }

func (w *entryWriter) text(key, value string) {
	if value != "" {
		w.member(key)
		w.quoted(value)
	}
}

func (w *entryWriter) list(key string, values []string) {
	if len(values) == 0 {
		return
	}
	w.open(key, '[')
	for _, v := range values {
		w.member("")
		w.quoted(v)
	}
	w.shut(']')
}

func (w *entryWriter) number(key string, n int64) {
	if n != 0 {
		w.member(key)
		w.b = strconv.AppendInt(w.b, n, 10)
	}
}

func (w *entryWriter) truth(key string, is bool) {
	if is {
		w.member(key)
		w.b = append(w.b, "true"...)
	}
}

func (w *entryWriter) time(key string, t time.Time) {
	if year := t.Year(); !t.IsZero() && year >= 0 && year <= 9999 { // RFC 3339 has no others
		w.member(key)
		w.b = append(t.AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
	}
}

// quoted appends a string (RFC 8259 §7). Octets that are no UTF-8 are replaced.
func (w *entryWriter) quoted(s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	w.b = append(w.b, '"')
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.b = append(w.b, s[done:i]...)
		done = i + 1
		switch c {
		case '"', '\\':
			w.b = append(w.b, '\\', c)
		case '\r':
			w.b = append(w.b, '\\', 'r')
		case '\n':
			w.b = append(w.b, '\\', 'n')
		default:
			const digits = "0123456789abcdef"
			w.b = append(w.b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	w.b = append(append(w.b, s[done:]...), '"')
}

func (w *entryWriter) record(r *Record) {
	w.text("id", r.ID)
	w.time("time", r.Time)
	if r.Inbound {
		w.text("direction", "inbound")
	}
	w.text("msgid", r.MessageID)
	w.text("envid", r.EnvelopeID)
	w.text("listener", r.Listener)
	w.text("route", r.Route)
	w.text("client", r.Client)
	w.text("user", r.User)
	w.text("from", r.Sender)
	w.text("program", r.Program)
	w.number("size_bytes", r.Size)
	w.text("profile", r.Profile)
	w.text("form", r.Form)
	w.text("outcome", r.Outcome)
	w.list("findings", r.Findings)
	w.list("applied", r.Applied)
	w.list("refused_forms", r.Refused)
	w.text("refusal", r.Refusal)
	w.list("vetoed", r.Vetoed)
	w.text("left_alone", r.Skipped)
	w.text("why", r.Why)
	if r.Took != 0 {
		w.member("took_ms")
		w.b = strconv.AppendFloat(w.b, r.Took, 'g', -1, 64)
	}
	w.open("components", '[')
	for i := range r.Components {
		w.component(&r.Components[i])
	}
	w.shut(']')
	w.open("recipients", '[')
	for i := range r.Deliveries {
		w.delivery(&r.Deliveries[i])
	}
	w.shut(']')
}

func (w *entryWriter) component(c *Component) {
	w.open("", '{')
	w.text("component", c.Name)
	w.text("uid", c.UID)
	w.text("uid_received", c.UIDReceived)
	w.text("occurrence", c.Occurrence)
	w.text("method", c.Method)
	w.text("method_sent", c.MethodSent)
	w.number("seq", int64(c.Seq))
	w.number("seq_sent", int64(c.SeqSent))
	w.text("dtstamp", c.Stamp)
	w.text("dtstamp_sent", c.StampSent)
	w.time("start", c.Start)
	w.time("end", c.End)
	w.truth("all_day", c.AllDay)
	w.text("zone", c.Zone)
	w.text("rule", c.Rule)
	w.text("summary", c.Summary)
	w.text("location", c.Location)
	w.text("organizer", c.Organizer)
	if len(c.Attendees) > 0 {
		w.open("attendees", '[')
		for _, a := range c.Attendees {
			w.open("", '{')
			w.text("attendee", a.Address)
			w.text("partstat", a.PartStat)
			w.truth("untimed", a.Untimed)
			w.shut('}')
		}
		w.shut(']')
	}
	w.text("digest", c.Digest)
	if c.Number != nil {
		w.member("revision")
		w.b = strconv.AppendInt(w.b, int64(*c.Number), 10)
	}
	w.text("kept", c.Kept)
	w.text("language", c.Language)
	w.shut('}')
}

func (w *entryWriter) delivery(d *Delivery) {
	w.open("", '{')
	w.text("attendee", d.Attendee)
	w.text("verdict", d.Verdict)
	w.number("code", int64(d.Code))
	w.text("enhanced", d.Enhanced)
	w.text("reply", d.Reply)
	w.text("nexthop", d.NextHop)
	w.time("bounced", d.Bounced)
	w.text("bounce", d.Bounce)
	w.shut('}')
}

func (w *entryWriter) evidence(e *Evidence) {
	w.open("", '{')
	w.text("domain", e.Domain)
	w.text("kind", e.Kind)
	w.text("profile", e.Profile)
	w.text("evidence", e.Text)
	w.time("seen", e.Seen)
	w.shut('}')
}
