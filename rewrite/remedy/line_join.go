package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxJoined bounds how many lines are joined to one property.
const maxJoined = 100

// readLine reads one content line; nil when the text is none, or more than one.
// It is written in canonical form.
func readLine(text string) *ical.Line {
	doc, err := ical.Parse([]byte(text+"\r\n"), ical.Limits{})
	if err != nil || len(doc.Root.Items) != 1 {
		return nil
	}
	l := doc.Root.Items[0].Prop
	if l == nil || l.Name() == "" || l.Name() == "END" || l.Text() != text || quoteOpen(l) {
		return nil
	}
	l.Touch()
	return l
}

// joinLinesOf joins properties with the lines after them in every component.
// whole returns the line that a property makes together with the first n of the
// lines after it; nil when it stays as it is.
func joinLinesOf(c *Object, level Level, whole func(comp *ical.Component, front *ical.Line, behind []ical.Item) (l *ical.Line, n int)) {
	c.Doc.Root.Walk(func(comp *ical.Component) {
		kept := comp.Items[:0]
		for i := 0; i < len(comp.Items); i++ {
			it := comp.Items[i]
			if front := it.Prop; front != nil {
				if l, n := whole(comp, front, comp.Items[i+1:]); l != nil && c.Found(found(level, comp, l.Name(), strings.ToValidUTF8(front.Text(), "?"), l.Text())) {
					it.Prop = l
					i += n
				}
			}
			kept = append(kept, it)
		}
		clear(comp.Items[len(kept):])
		comp.Items = kept
	})
}

// knownHead reports whether a line that lacks its colon starts like a property:
// with a known name in upper case and a semicolon, or with nothing but the name.
func knownHead(text string) (name string, ok bool) {
	name, _, _ = strings.Cut(text, ";")
	return name, knownProperties[name]
}

// lastOctets is how long the last physical line of a property is.
func lastOctets(l *ical.Line) int {
	raw := strings.TrimRight(l.Raw(), "\r\n")
	return len(raw) - (strings.LastIndexAny(raw, "\r\n") + 1)
}

// knownParam reports whether RFC 5545 §3.2 knows a parameter.
func knownParam(name string) bool {
	switch name {
	case "ALTREP", "CN", "CUTYPE", "DELEGATED-FROM", "DELEGATED-TO", "DIR", "ENCODING", "FMTTYPE", "FBTYPE", "LANGUAGE", "MEMBER",
		"PARTSTAT", "RANGE", "RELATED", "RELTYPE", "ROLE", "RSVP", "SENT-BY", "TZID", "VALUE", "CHARSET":
		return true
	}
	return false
}

// wellFormed reports whether the value of a property is what its type wants, for
// those types that a line torn apart could not have by chance.
func wellFormed(l *ical.Line) bool {
	v := l.Value()
	switch name := l.Name(); {
	case isTime(name):
		for part := range strings.SplitSeq(v, ",") {
			if from, _, period := strings.Cut(part, "/"); period && name == "RDATE" {
				part = from
			}
			if _, ok := ical.ParseDateTime(part); !ok {
				return false
			}
		}
		return true
	case name == "ATTENDEE" || name == "ORGANIZER":
		addr, ok := mailbox(v)
		return ok && bareAddress(addr)
	case name == "TRIGGER":
		_, ok := ical.ParseDuration(v)
		_, also := ical.ParseDateTime(v)
		return ok || also
	case name == "DURATION" || name == "REFRESH-INTERVAL":
		_, ok := ical.ParseDuration(v)
		return ok
	case name == "RRULE" || name == "EXRULE":
		return rulePart(v, "FREQ") != ""
	}
	return v != ""
}
