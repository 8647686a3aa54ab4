package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// attendeeTwice drops an ATTENDEE that says of a person nothing but what
// another one says.
func attendeeTwice() *Remedy {
	return &Remedy{
		ID:       "attendee-twice",
		Summary:  "remove the second entry of an attendee that adds nothing",
		Why:      "A person who is listed twice is asked twice, and receivers differ in which entry a response changes.",
		Source:   "RFC 5546 §3.2.2; RFC 5545 §3.8.4.1",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees,
		Looks:    []string{"ATTENDEE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				oneEntryEach(c, ev)
			}
		},
	}
}

// maxPeople bounds the list that is searched: it is compared each with each, and
// in a longer one nobody looks for a name.
const maxPeople = 200

func oneEntryEach(c *Object, ev *ical.Component) {
	if n := count(ev, "ATTENDEE"); n < 2 || n > maxPeople {
		return
	}
	var gone []*ical.Line
	var room [32]uint64
	sums := room[:0] // of those before
	for i, it := range ev.Items {
		l := attendee(it)
		if l == nil {
			continue
		}
		sum := foldSum(l.Value())
		known := slices.Contains(sums, sum)
		sums = append(sums, sum)
		if !known || quoteOpen(l) {
			continue
		}
		one := entryBefore(ev.Items[:i], l, gone)
		switch {
		case one == nil:
		case includesAll(one, l):
			gone = append(gone, l)
		case includesAll(l, one):
			gone = append(gone, one)
		default:
			c.leave(found(Warning, ev, "ATTENDEE", l.Text(), ""),
				clip(l.Value())+" is listed twice with different properties: ask the sender which entry is right")
		}
	}
	if len(gone) > 0 {
		c.drop(Warning, ev, func(l *ical.Line) bool { return slices.Contains(gone, l) })
	}
}

// foldSum is the same for two texts that differ in nothing but the case of ASCII
// letters: so most that differ need not be compared.
func foldSum(s string) uint64 {
	const prime, small = 1099511628211, 0x2020202020202020
	sum := uint64(len(s)) + 1
	for ; len(s) >= 8; s = s[8:] {
		sum = sum*prime ^ (octets8(s) | small)
	}
	for i := 0; i < len(s); i++ {
		sum = sum*prime ^ uint64(s[i]|0x20)
	}
	return sum
}

func octets8(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// entryBefore returns the entry of the same person that stands before l and does
// not go.
func entryBefore(items []ical.Item, l *ical.Line, gone []*ical.Line) *ical.Line {
	addr, ok := mailbox(l.Value())
	if !ok {
		return nil
	}
	for _, it := range items {
		one := named(it, "ATTENDEE")
		if one == nil || len(one.Value()) != len(l.Value()) || !strings.HasSuffix(one.Value(), addr) && !strings.EqualFold(one.Value(), l.Value()) {
			continue
		}
		if _, ok := mailbox(one.Value()); ok && !quoteOpen(one) && !slices.Contains(gone, one) {
			return one
		}
	}
	return nil
}

// includesAll reports whether an entry has every parameter of another one with the same
// value; the names of a person may be two.
func includesAll(one, other *ical.Line) bool {
	for _, p := range other.Params() {
		q, ok := one.Param(p.Name)
		if !ok || p.Name != "CN" && !slices.EqualFunc(p.Values, q.Values, strings.EqualFold) {
			return false
		}
	}
	return true
}
