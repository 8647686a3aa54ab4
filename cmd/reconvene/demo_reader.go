package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	ical "github.com/emersion/go-ical"
)

// reader is the calendar of one attendee in a system that is known for being
// strict. It holds one meeting, which is enough for the demonstration.
type reader struct {
	name  string
	rules []func(incoming) error // what it refuses

	known, cancelled bool
	uid              string
	sequence         int
	when, summary    string
}

// newReaders are the systems that the demonstration shows. Each obeys
// RFC 5546 §2.1.5 (the higher SEQUENCE wins), and each has a speciality.
func newReaders() []*reader {
	return []*reader{
		{name: "Lotus Notes", rules: []func(incoming) error{zonesDeclared}},
		{name: "CalDAV server", rules: []func(incoming) error{zonesDeclared, zonesKnown, noEmptyValues, iTIP}},
		{name: "mobile phone", rules: []func(incoming) error{charsetDeclared, schemeLowerCase, noAncientDates}},
	}
}

// read takes a mail into the calendar, or says why it does not.
func (r *reader) read(in incoming) error {
	for _, rule := range r.rules {
		if err := rule(in); err != nil {
			return err
		}
	}
	uid, seq, err := identity(in.event)
	if err != nil {
		return err
	}
	when, err := startOf(in.event)
	if err != nil {
		return err
	}
	switch {
	case in.method == "CANCEL" && (!r.known || r.uid != uid):
		return errors.New("dropped: a cancellation of a meeting that is not in the calendar")
	case r.known && r.uid == uid && seq < r.sequence:
		return fmt.Errorf("dropped as outdated: SEQUENCE %d, revision %d is known", seq, r.sequence)
	case r.known && r.uid == uid && seq == r.sequence && (in.method == "CANCEL" || when != r.when):
		return fmt.Errorf("dropped as outdated: SEQUENCE %d again, and that revision is known", seq)
	}
	summary, err := in.event.Props.Text(ical.PropSummary)
	if err != nil {
		return err
	}
	r.known, r.uid, r.sequence, r.when, r.summary = true, uid, seq, when, summary
	r.cancelled = in.method == "CANCEL"
	return nil
}

// shows is what the attendee sees.
func (r *reader) shows() string {
	switch {
	case !r.known:
		return "no meeting at all"
	case r.cancelled:
		return "cancelled"
	default:
		return "meeting on " + r.when
	}
}

func identity(ev *ical.Component) (uid string, seq int, err error) {
	if uid, err = ev.Props.Text(ical.PropUID); err != nil || uid == "" {
		return "", 0, errors.New("no UID")
	}
	if p := ev.Props.Get(ical.PropSequence); p != nil {
		if seq, err = strconv.Atoi(p.Value); err != nil {
			return "", 0, errors.New("SEQUENCE is not a number")
		}
	}
	return uid, seq, nil
}

// startOf reads DTSTART in the local time that it states.
func startOf(ev *ical.Component) (string, error) {
	p := ev.Props.Get(ical.PropDateTimeStart)
	if p == nil {
		return "", errors.New("no DTSTART")
	}
	t, err := time.Parse("20060102T150405", strings.TrimSuffix(p.Value, "Z"))
	if err != nil {
		return "", fmt.Errorf("DTSTART is not a time: %w", err)
	}
	return t.Format("Mon 2 Jan at 15:04"), nil
}

func eachProp(in incoming, f func(*ical.Component, ical.Prop) error) error {
	for _, c := range in.cal.Children {
		if c.Name == ical.CompTimezone {
			continue
		}
		for _, props := range c.Props {
			for _, p := range props {
				if err := f(c, p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// zonesDeclared: every TZID has its VTIMEZONE (RFC 5545 §3.2.19).
func zonesDeclared(in incoming) error {
	declared := map[string]bool{}
	for _, c := range in.cal.Children {
		if p := c.Props.Get(ical.PropTimezoneID); c.Name == ical.CompTimezone && p != nil {
			declared[p.Value] = true
		}
	}
	return eachProp(in, func(_ *ical.Component, p ical.Prop) error {
		if tzid := p.Params.Get(ical.ParamTimezoneID); tzid != "" && !declared[tzid] {
			return fmt.Errorf("refused: the zone %q is not declared", tzid)
		}
		return nil
	})
}

// zonesKnown: a zone has a name of the IANA database.
func zonesKnown(in incoming) error {
	return eachProp(in, func(_ *ical.Component, p ical.Prop) error {
		tzid := p.Params.Get(ical.ParamTimezoneID)
		if tzid == "" {
			return nil
		}
		if _, err := time.LoadLocation(tzid); err != nil {
			return fmt.Errorf("refused: unknown zone %q", tzid)
		}
		return nil
	})
}

// noEmptyValues: CLASS and its like have a value (RFC 5545 §3.8.1.3).
func noEmptyValues(in incoming) error {
	return eachProp(in, func(_ *ical.Component, p ical.Prop) error {
		if p.Value == "" && p.Name == ical.PropClass {
			return fmt.Errorf("refused: %s has no value", p.Name)
		}
		return nil
	})
}

// iTIP: a cancellation has no alarm (RFC 5546 §3.2.5).
func iTIP(in incoming) error {
	for _, c := range in.event.Children {
		if c.Name == ical.CompAlarm && in.method == "CANCEL" {
			return errors.New("refused: a cancellation with an alarm")
		}
	}
	return nil
}

// charsetDeclared: text beyond ASCII says that it is UTF-8 (RFC 6047 §2.4).
func charsetDeclared(in incoming) error {
	ascii := bytes.IndexFunc(in.text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	if !ascii && !strings.EqualFold(in.charset, "utf-8") {
		return errors.New("refused: the text is not ASCII, and the part names no charset")
	}
	return nil
}

// schemeLowerCase: addresses are compared as text, with mailto: in front.
func schemeLowerCase(in incoming) error {
	return eachProp(in, func(_ *ical.Component, p ical.Prop) error {
		if (p.Name == ical.PropOrganizer || p.Name == ical.PropAttendee) && !strings.HasPrefix(p.Value, "mailto:") {
			return errors.New("not matched: no address begins with mailto:")
		}
		return nil
	})
}

// noAncientDates: a date library that ends in 1970.
func noAncientDates(in incoming) error {
	return eachProp(in, func(_ *ical.Component, p ical.Prop) error {
		if strings.HasPrefix(p.Value, "1601") {
			return fmt.Errorf("refused: %s is in the year 1601", p.Name)
		}
		return nil
	})
}
