package remedy

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// duplicateProp keeps the first of properties that may stand once only, as
// Exchange does. Where two dates or two identities differ nobody knows which
// one is meant: those are left alone.
func duplicateProp() *Remedy {
	return &Remedy{
		ID:       "duplicate-prop",
		Summary:  "keep the first of two SUMMARY, SEQUENCE, DTSTAMP and the like",
		Why:      "Merged calendars say the same thing twice. Strict servers refuse that; others take the last one where Exchange takes the first.",
		Source:   "MS-STANXICAL c336a6ac; RFC 5545 §3.6.1",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
			if c.Cal == nil {
				return
			}
			c.dropDuplicates(c.Cal)
			for _, ev := range c.schedulable() {
				c.dropDuplicates(ev)
			}
		},
	}
}

func (c *Case) dropDuplicates(comp *ical.Component) {
	var seen []*ical.Line // a few: one of each name that may stand once
	comp.Items = slices.DeleteFunc(comp.Items, func(it ical.Item) bool {
		if it.Prop == nil {
			return false
		}
		weight := onceOnly(comp.Name, it.Prop.Name())
		if weight == 0 {
			return false
		}
		i := slices.IndexFunc(seen, func(l *ical.Line) bool { return l.Name() == it.Prop.Name() })
		if i < 0 {
			seen = append(seen, it.Prop)
			return false
		}
		f := found(Warning, comp, it.Prop.Name(), it.Prop.Text(), "")
		if weight == 2 && it.Prop.Value() != seen[i].Value() {
			c.leave(f, "it stands twice with different values: which one is meant is not certain")
			return false
		}
		return c.Found(f)
	})
}

// onceOnly says whether a property may stand once only in a component
// (RFC 5545 §3.6): 1 when the first one counts, 2 when two must be equal.
func onceOnly(comp, name string) int {
	switch name {
	case "VERSION", "PRODID", "CALSCALE":
		if comp == "VCALENDAR" {
			return 2
		}
	case "SUMMARY", "SEQUENCE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "LOCATION", "PRIORITY", "CLASS", "TRANSP", "STATUS", "GEO", "URL":
		return 1
	case "DESCRIPTION": // a VJOURNAL may have several
		if comp != "VJOURNAL" {
			return 1
		}
	case "UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID", "ORGANIZER":
		return 2
	}
	return 0
}
