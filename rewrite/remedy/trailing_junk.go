package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// trailingJunk cuts off what stands behind the last END:VCALENDAR, and empty
// lines in front of the first BEGIN. Other text in front is left alone: nobody
// knows what it is.
func trailingJunk() *Remedy {
	return &Remedy{
		ID:       "trailing-junk",
		Summary:  "cut off empty lines and text behind END:VCALENDAR",
		Why:      "Libraries leave an empty line or the word EOF behind the calendar, gateways add a disclaimer. Google ignored updates for one empty line; other programs refuse the calendar.",
		Source:   "adamgibbons/ics#199; mailcow-dockerized#5546 for footers; RFC 5545 §3.4",
		Profiles: []Profile{Standard},
		Run: func(c *Case) {
			if !c.readable() {
				return
			}
			root := c.Doc.Root
			isSub := func(it ical.Item) bool { return it.Sub != nil }
			first := slices.IndexFunc(root.Items, isSub)
			last := len(root.Items) - 1
			for last >= 0 && root.Items[last].Sub == nil {
				last--
			}
			behind, ahead := root.Items[last+1:], root.Items[:first]
			if root.Items[last].Sub.End != nil && len(behind) > 0 && c.Found(junk(behind, "behind the last END")) {
				root.Items = root.Items[:last+1]
			}
			if len(ahead) == 0 {
				return
			}
			f := junk(ahead, "before the first BEGIN")
			if !emptyLines(ahead) {
				c.leave(f, "text in front of the calendar: it may be anything")
			} else if c.Found(f) {
				root.Items = root.Items[first:]
			}
		},
	}
}

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
