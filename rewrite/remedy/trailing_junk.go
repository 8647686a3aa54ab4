package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// trailingJunk cuts off what is after the last END:VCALENDAR and before
// the first BEGIN:VCALENDAR: empty lines, a footer, a banner, also one without a
// line end. In front it leaves what could belong to a calendar or to a part of a
// mail.
func trailingJunk() *Remedy {
	return &Remedy{
		ID:       "trailing-junk",
		Summary:  "remove empty lines and text around the calendar",
		Why:      "Libraries leave an empty line or the word EOF after the calendar; gateways and virus scanners add a disclaimer after it or a warning before it. Google ignored updates because of one empty line; other programs refuse the calendar.",
		Source:   "adamgibbons/ics#199; mailcow-dockerized#5546 for footers; RFC 5545 §3.4",
		Profiles: []Profile{Standard},
		Facets:   FacetMethod, // that of a calendar whose BEGIN could not be read
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			root := c.Doc.Root
			beginOnItsOwn(c)
			isSub := func(it ical.Item) bool { return it.Sub != nil }
			first := slices.IndexFunc(root.Items, isSub)
			last := len(root.Items) - 1
			for last >= 0 && root.Items[last].Sub == nil {
				last--
			}
			behind, ahead := root.Items[last+1:], root.Items[:first]
			if root.Items[last].Sub.End != nil && len(behind) > 0 && c.Found(junk(behind, "after the last END")) {
				root.Items = root.Items[:last+1]
			}
			if len(ahead) == 0 {
				return
			}
			f := junk(ahead, "before the first BEGIN")
			if why := noBanner(ahead, root.Items[first].Sub); why != "" {
				c.leave(f, why)
			} else if c.Found(f) {
				root.Items = root.Items[first:]
			}
		},
	}
}

// beginOnItsOwn cuts off what is before BEGIN:VCALENDAR in its line: a
// banner without a line end, or a byte order mark that came after a banner. Such a
// line opens nothing, so that its END is one too many, which must be there.
func beginOnItsOwn(c *Object) {
	root := c.Doc.Root
	begin := slices.IndexFunc(root.Items, func(it ical.Item) bool {
		return it.Sub == nil && len(it.Prop.Text()) > len(beginCalendar) && hasSuffixFold(it.Prop.Text(), beginCalendar)
	})
	end := slices.IndexFunc(root.Items, func(it ical.Item) bool {
		return it.Sub == nil && it.Prop.Name() == "END" && strings.EqualFold(strings.TrimSpace(it.Prop.Value()), "VCALENDAR")
	})
	if begin < 0 || end < begin || c.Doc.Calendar() != nil {
		return
	}
	calendar := ical.NewComponent("VCALENDAR")
	text := root.Items[begin].Prop.Text()
	f := Finding{Level: Warning, Before: "text before BEGIN in its line: " + strings.ToValidUTF8(text[:len(text)-len(beginCalendar)], "?")}
	if why := noBanner(root.Items[begin:begin+1], calendar); why != "" {
		c.leave(f, why)
		return
	}
	if !c.Found(f) {
		return
	}
	inside, behind := root.Items[begin+1:end], root.Items[end+1:]
	root.Items = slices.Clone(root.Items[:begin])
	root.AddChild(calendar)
	for _, it := range inside {
		if it.Sub != nil {
			calendar.AddChild(it.Sub)
		} else {
			calendar.Add(it.Prop)
		}
	}
	calendar.Close()
	root.Items = append(root.Items, behind...)
	c.Cal = calendar
	c.ResetZones()
}

const beginCalendar = "BEGIN:VCALENDAR"

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// noBanner returns why lines before a component may not be cut off; "" when they
// are text that somebody wrote there, or empty.
func noBanner(ahead []ical.Item, next *ical.Component) string {
	if next.Name != "VCALENDAR" && !emptyLines(ahead) {
		return "text before " + next.Name + ": the beginning of the calendar may be part of it"
	}
	for _, it := range ahead {
		name := it.Prop.Name()
		switch {
		case writtenProperty(it.Prop), calendarProperties[name], name == "END":
			return "a property before the calendar: it may belong to it"
		case strings.HasPrefix(name, "CONTENT-"):
			return "the header of a part before the calendar"
		case strings.HasPrefix(it.Prop.Text(), "-----BEGIN "):
			return "the beginning of something signed or encrypted before the calendar"
		}
	}
	return ""
}

// calendarProperties are those of a VCALENDAR (RFC 5545 §3.7).
var calendarProperties = map[string]bool{"CALSCALE": true, "METHOD": true, "PRODID": true, "VERSION": true}

// junk quotes the first line that is not empty.
func junk(items []ical.Item, where string) Finding {
	f := Finding{Level: Warning, Before: countLines(len(items), where)}
	for _, it := range items {
		if !isEmpty(it.Prop) {
			f.Before += ": " + strings.ToValidUTF8(it.Prop.Text(), "?")
			break
		}
	}
	return f
}
