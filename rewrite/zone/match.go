package zone

import (
	"slices"
	"sync"
	"time"
)

// Agree reports whether rules and the IANA zone of that name have the same offset at
// every instant from one time to another. It returns false for a span of more than
// 100 years.
func Agree(rules Rules, name string, from, to time.Time) bool {
	z, ok := rules.(timeline)
	if !ok {
		return false
	}
	other := load(name)
	return other != nil && agree(z, other, from.Unix(), to.Unix())
}

// agree reports whether two rules have the same offsets. What it says of a
// VTIMEZONE and a zone of IANA is kept until another question is asked of the
// former: several ask the same one.
func agree(a, b timeline, from, to int64) bool {
	z, ours := a.(*vtimezone)
	other, known := b.(*iana)
	if !ours || !known {
		return compareOffsets(a, b, from, to)
	}
	if q := (agreement{other, from, to}); z.asked != q {
		z.asked, z.agreed = q, compareOffsets(a, b, from, to)
	}
	return z.agreed
}

// agreement is a question that agree has answered.
type agreement struct {
	other    *iana
	from, to int64
}

func compareOffsets(a, b timeline, from, to int64) bool {
	if to-from > maxSpan || a.offset(from) != b.offset(from) || a.offset(to) != b.offset(to) {
		return false
	}
	for _, c := range a.changes(from, to) {
		if a.offset(c.at) != b.offset(c.at) {
			return false
		}
	}
	for _, c := range b.changes(from, to) {
		if a.offset(c.at) != c.to {
			return false
		}
	}
	return true
}

// preferred are the zones that Match tries first: of zones with the same law
// the one that most people know. The remaining Windows zones follow in the
// order of their keys.
var preferred = []string{
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
	"Europe/London", "Europe/Berlin", "Europe/Athens", "Europe/Helsinki",
	"America/Halifax", "America/St_Johns", "America/Anchorage",
	"Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland",
}

// Match returns an IANA zone with the same offsets as the rules. It compares whole
// years around the span, so that a single date does not match every zone with the
// offset of that day. Of several zones with the same offsets it returns the
// preferred one. Rules without any change of offset match only Etc/GMT±n and UTC: an
// offset alone does not identify a place.
func Match(rules Rules, from, to time.Time) (string, bool) {
	z, a, b, ok := wholeYears(rules, from, to)
	if !ok {
		return "", false
	}
	if constant(z, a, b) {
		return fixedZone(z.offset(a))
	}
	for _, other := range candidates() {
		if agree(z, other, a, b) {
			return other.name, true
		}
	}
	return "", false
}

// wholeYears returns what the rules answer, and the begin of the first year and
// the end of the last, in UTC; unless there are too many.
func wholeYears(rules Rules, from, to time.Time) (z timeline, a, b int64, ok bool) {
	z, ok = rules.(timeline)
	a = time.Date(from.UTC().Year(), 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	b = time.Date(to.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	return z, a, b, ok && b-a <= maxSpan
}

func constant(z timeline, from, to int64) bool {
	off := z.offset(from)
	for _, c := range z.changes(from, to) {
		if z.offset(c.at) != off {
			return false
		}
	}
	return true
}

// candidates are the zones of preferred and of the Windows keys, each once.
var candidates = sync.OnceValue(func() []*iana {
	var out []*iana
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			if z := load(name); z != nil {
				out = append(out, z)
			}
		}
	}
	for _, name := range preferred {
		add(name)
	}
	for _, w := range windowsKeys {
		add(w[1])
	}
	return out
})

// Same reports whether two sets of rules have the same offset at every instant
// from one time to another, with the limit of Agree.
func Same(a, b Rules, from, to time.Time) bool {
	x, ok := a.(timeline)
	y, also := b.(timeline)
	return ok && also && agree(x, y, from.Unix(), to.Unix())
}

// HasOffset reports whether a zone has that offset from UTC at some time between
// two.
func HasOffset(name string, offset time.Duration, from, to time.Time) bool {
	z := load(name)
	if z == nil {
		return false
	}
	off := int(offset / time.Second)
	return z.offset(from.Unix()) == off ||
		slices.ContainsFunc(z.changes(from.Unix(), to.Unix()), func(c change) bool { return c.to == off })
}
