package zone

import (
	"slices"
	"strings"
	"time"
)

// Flaw is what is wrong with the observances of a VTIMEZONE that has the name of a
// known zone, where it is certain that this zone was meant.
type Flaw uint8

const (
	Sound   Flaw = iota // nothing is wrong, or it is not certain what was meant
	Empty               // there is no observance, or none that can be parsed
	Half                // STANDARD without its DAYLIGHT, or the reverse
	Swapped             // the right dates, with offsets that no zone has on them
	Absurd              // offsets that no zone has, or no observance for the dates in question
)

// farOff is more than the offset of any zone in use, in seconds.
const farOff = 15 * 3600

// FlawOf compares the observances of a VTIMEZONE with the IANA zone of its name,
// from one time to another. Rules that equal those of any known zone are considered
// correct, whatever the name: they can be those of another place, or of an earlier
// year.
func (d *Declared) FlawOf(name string, from, to time.Time) Flaw {
	if d.Rules == nil {
		if d.Err == errTooMany {
			return Sound
		}
		return Empty
	}
	z, ours := d.Rules.(*vtimezone)
	other := load(name)
	if !ours || other == nil || agree(z, other, from.Unix(), to.Unix()) {
		return Sound
	}
	_, a, b, ok := wholeYears(z, from, to)
	switch {
	case !ok:
		return Sound
	case z.farthest() > farOff, z.first().at > to.Unix():
		return Absurd
	case z.isHalf(d, other, a, b):
		return Half
	}
	list := z.changes(a, b)
	days := sameDays(list, other.changes(a, b))
	switch {
	case days && (constant(z, a, b) || contradict(list)):
		return Swapped // clocks that change by nothing, or from what they do not show
	case z.anybodys(name, from, to, a, b):
		return Sound
	case constant(z, a, b):
		return Absurd
	case days:
		return Swapped
	}
	return Sound
}

// contradict reports whether a change begins at another offset than the one
// before it ended at.
func contradict(list []change) bool {
	for i := 1; i < len(list); i++ {
		if list[i].from != list[i-1].to {
			return true
		}
	}
	return false
}

// anybodys reports whether some zone has the offsets of the rules.
func (z *vtimezone) anybodys(name string, from, to time.Time, a, b int64) bool {
	if constant(z, a, b) {
		off := z.offset(a)
		if _, ok := fixedZone(off); ok {
			return true
		}
		return slices.ContainsFunc(candidates(), func(c *iana) bool { return c.offset(a) == off })
	}
	if _, ok := Match(z, from, to); ok {
		return true
	}
	_, ok := Sibling(z, name, from, to)
	return ok
}

// farthest returns the largest offset of the rules, east or west, in seconds.
func (z *vtimezone) farthest() int {
	far := 0
	for _, c := range z.fixed {
		far = max(far, c.from, -c.from, c.to, -c.to)
	}
	for _, r := range z.rules {
		far = max(far, r.from, -r.from, r.to, -r.to)
	}
	return far
}

// isHalf reports whether the observances are of one kind only, with what the
// zone has on the very days that they name, and the other half of the law is
// missing. A single onset is no half as long as it can be the end of summer time
// in the zone: not before the zone had further changes after it.
func (z *vtimezone) isHalf(d *Declared, other *iana, a, b int64) bool {
	if len(d.Component.Children("STANDARD")) > 0 && len(d.Component.Children("DAYLIGHT")) > 0 {
		return false
	}
	law := other.changes(a, b)
	list := z.changes(a, b)
	if len(list) == 0 {
		c := z.first()
		past := other.changes(c.at+year, a-2*year)
		return len(z.rules) == 0 && len(z.fixed) == 1 && c.from != c.to && len(past) > 0 &&
			slices.ContainsFunc(law, func(l change) bool { return l.from == c.from && l.to == c.to })
	}
	return len(list) < len(law) && !slices.ContainsFunc(list, func(c change) bool {
		return !slices.ContainsFunc(law, func(l change) bool { return sameDay(c, l) && c.to == l.to })
	})
}

// sameDays reports whether two lists of changes have the same days.
func sameDays(a, b []change) bool {
	return len(a) > 0 && slices.EqualFunc(a, b, sameDay)
}

// sameDay reports whether the clocks show the same day at two changes.
func sameDay(a, b change) bool {
	const day = 24 * 3600
	return (a.at+int64(a.from))/day == (b.at+int64(b.from))/day
}

// Known reports whether the name alone identifies a zone, and which: a name of IANA,
// Windows, CDO or Lotus Notes, with or without a number or a path.
func (d *Declared) Known() (name string, ok bool) {
	if !d.asked {
		d.known, d.asked = d.place(), true
	}
	return d.known, d.known != ""
}

// place is what Known keeps.
func (d *Declared) place() string {
	switch d.Kind {
	case IANA, Prefixed, Windows, Numbered, CDO, Display, Lotus:
		if name, ok := Lookup(d.TZID, d.Hints); ok && !strings.HasPrefix(name, "Etc/") {
			return Canonical(name)
		}
	}
	return ""
}
