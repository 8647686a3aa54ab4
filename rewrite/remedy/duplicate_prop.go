package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// duplicateProp keeps the first of properties that may stand once only, as
// Exchange does. Where two dates, two identities, two revisions, or two words on
// which a receiver acts differ nobody knows which one is meant, and a second
// description is not dropped: those are left alone.
func duplicateProp() *Remedy {
	return &Remedy{
		ID:       "duplicate-prop",
		Summary:  "keep the first of two SUMMARY, SEQUENCE, DTSTAMP and similar properties",
		Why:      "Merged calendars contain the same property twice. Strict servers refuse that; others use the last one where Exchange uses the first.",
		Source:   "MS-STANXICAL c336a6ac; RFC 5545 §3.6.1",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			dropDuplicates(c, c.Cal)
			for _, ev := range c.schedulable() {
				dropDuplicates(c, ev)
			}
		},
	}
}

func dropDuplicates(c *Object, comp *ical.Component) {
	seen, twice := 0, 0
	for _, it := range comp.Items {
		if it.Prop != nil {
			bit, _ := onceOnly(comp.Name, it.Prop.Name())
			twice |= seen & bit
			seen |= bit
		}
	}
	if twice == 0 {
		return
	}
	first := map[string]*ical.Line{}
	comp.Items = slices.DeleteFunc(comp.Items, func(it ical.Item) bool {
		if it.Prop == nil {
			return false
		}
		bit, equal := onceOnly(comp.Name, it.Prop.Name())
		if bit&twice == 0 {
			return false
		}
		kept := first[it.Prop.Name()]
		if kept == nil {
			first[it.Prop.Name()] = it.Prop
			return false
		}
		f := found(Warning, comp, it.Prop.Name(), it.Prop.Text(), "")
		if equal && !sameValue(it.Prop, kept) {
			c.leave(f, "it occurs twice with different values: it is not certain which one is meant")
			return false
		}
		return c.Found(f)
	})
}

// sameValue reports whether two properties say the same; a word in any case.
func sameValue(a, b *ical.Line) bool {
	switch a.Name() {
	case "STATUS", "TRANSP", "CLASS":
		return isWord(a.Value(), strings.TrimSpace(b.Value()))
	case "SEQUENCE", "DESCRIPTION":
		return strings.TrimSpace(a.Value()) == strings.TrimSpace(b.Value())
	}
	return a.Text() == b.Text()
}

// onceOnly gives each property that may stand once only in a component
// (RFC 5545 §3.6) a bit of its own, 0 to all others. equal says that a second
// one is dropped only when it says the same.
func onceOnly(comp, name string) (bit int, equal bool) {
	if name == "ATTENDEE" || strings.HasPrefix(name, "X-") || name == "DESCRIPTION" && comp == "VJOURNAL" {
		return 0, false // most lines; RFC 5545 §3.6.3: a journal may have several
	}
	n := onceNumber(name)
	if n < 0 {
		return 0, false
	}
	return 1 << n, n >= firstExact
}

// firstExact is the first number of a property that is dropped only when it says
// the same.
const firstExact = 8

// onceNumber numbers the properties that may stand once only, -1 for all others.
func onceNumber(name string) int {
	switch name {
	case "SUMMARY":
		return 0
	case "DTSTAMP":
		return 1
	case "CREATED":
		return 2
	case "LAST-MODIFIED":
		return 3
	case "LOCATION":
		return 4
	case "PRIORITY":
		return 5
	case "GEO":
		return 6
	case "URL":
		return 7
	case "SEQUENCE":
		return firstExact
	case "CLASS":
		return 9
	case "TRANSP":
		return 10
	case "STATUS":
		return 11
	case "DESCRIPTION":
		return 12
	case "UID":
		return 13
	case "DTSTART":
		return 14
	case "DTEND":
		return 15
	case "DUE":
		return 16
	case "DURATION":
		return 17
	case "RECURRENCE-ID":
		return 18
	case "ORGANIZER":
		return 19
	case "VERSION":
		return 20
	case "PRODID":
		return 21
	case "CALSCALE":
		return 22
	}
	return -1
}
