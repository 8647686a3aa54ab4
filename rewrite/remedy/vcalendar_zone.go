package remedy

import (
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// vcalZone is what TZ and DAYLIGHT of a vCalendar say of local times.
type vcalZone struct {
	known    bool          // there is a TZ
	standard time.Duration // offset of standard time
	summers  []vcalSummer
}

// vcalSummer is one period of daylight saving time, on the clock.
type vcalSummer struct {
	offset   time.Duration
	from, to time.Time
}

// readZone reads TZ and the DAYLIGHT lines of a calendar.
func (v *vcal) readZone(cal *ical.Component) {
	tz, daylight := cal.Lines("TZ"), cal.Lines("DAYLIGHT")
	if len(tz) > 1 || len(tz) == 0 && len(daylight) > 0 {
		v.not("its zone is not given exactly once")
		return
	}
	ok := true
	if len(tz) == 1 {
		v.zone.known = true
		v.zone.standard, ok = vcalOffset(tz[0].Value())
	}
	for _, l := range daylight {
		s, summer, read := readSummer(l.Value())
		if ok = ok && read; summer {
			v.zone.summers = append(v.zone.summers, s)
		}
	}
	if !ok || len(daylight) > 1 && len(v.zone.summers) < len(daylight) {
		v.not("its TZ or DAYLIGHT cannot be read")
	}
}

// readSummer reads DAYLIGHT: a flag, the offset, the begin, the end and two names.
func readSummer(value string) (s vcalSummer, summer, ok bool) {
	parts := strings.Split(value, ";")
	switch strings.ToUpper(strings.TrimSpace(parts[0])) {
	case "FALSE":
		return s, false, true
	case "TRUE":
	default:
		return s, false, false
	}
	if len(parts) < 4 {
		return s, true, false
	}
	var from, to ical.DateTime
	s.offset, ok = vcalOffset(parts[1])
	if ok {
		from, ok = ical.ParseDateTime(strings.TrimSpace(parts[2]))
	}
	if ok {
		to, ok = ical.ParseDateTime(strings.TrimSpace(parts[3]))
	}
	s.from, s.to = from.Wall, to.Wall
	return s, true, ok && from.Form == ical.Local && to.Form == ical.Local && s.from.Before(s.to) && s.to.Sub(s.from) < 366*24*time.Hour
}

// vcalOffset reads +01, +0100, +01:00 or -5, the offset of a zone.
func vcalOffset(s string) (offset time.Duration, ok bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ":", "")
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	if len(s) == 1 || len(s) == 2 {
		n *= 100
	} else if len(s) != 4 {
		return 0, false
	}
	return sign * (time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute), n/100 <= 14 && n%100 < 60
}

// dayAround is how far from a change of the clock a local time must be: whether
// the change is told in old or new time differs between programs.
const dayAround = 24 * time.Hour

// utc returns a local time as an instant; ok is false where the lines of the
// calendar do not say which one it is. Without TZ it floats and stays.
func (z vcalZone) utc(t ical.DateTime) (out ical.DateTime, ok bool) {
	if t.Form != ical.Local || !z.known {
		return t, true
	}
	offset, ok := z.standard, len(z.summers) == 0
	for _, s := range z.summers {
		switch w := t.Wall; {
		case near(w, s.from) || near(w, s.to):
			return t, false
		case w.After(s.from) && w.Before(s.to):
			offset, ok = s.offset, true
		case s.from.Year() == s.to.Year() && w.Year() == s.from.Year():
			ok = true
		}
	}
	return ical.DateTime{Wall: t.Wall.Add(-offset), Form: ical.UTC}, ok
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() < dayAround }
