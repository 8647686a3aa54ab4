package remedy

import (
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// descriptionMissing copies the text of the mail into the calendar.
//
// QUIRK(entourage): description-missing. Everybody else shows the mail.
func descriptionMissing() *Remedy {
	return &Remedy{
		ID:       "description-missing",
		Summary:  "copy the text of the message into an invitation without DESCRIPTION",
		Why:      "Entourage and Outlook for Mac show the DESCRIPTION of an invitation and not the text beside it: without DESCRIPTION, the organizer's text is lost.",
		Source:   "Zimbra bug 7459",
		Profiles: []Profile{OutlookMac},
		Facets:   FacetDescription,
		Looks:    []string{"METHOD:REQUEST"},
		Run: func(c *Object) {
			if !c.isFor(OutlookMac) || c.Method() != "REQUEST" || c.Mail.Text == nil {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Has("DESCRIPTION") || ev.Name == "VFREEBUSY" || ev.Has("RECURRENCE-ID") {
					continue
				}
				text := plainLines(c.Mail.Text())
				if text == "" || len(text) > maxCopiedText {
					return
				}
				after := ical.EscapeText(text)
				if c.Found(found(Warning, ev, "DESCRIPTION", "", after)) {
					ev.Add(ical.NewLine("DESCRIPTION", after))
				}
			}
		},
	}
}

// plainLines is a text as it can stand in a calendar: its lines end in LF, and
// nothing in it is a control character or no character at all.
func plainLines(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r), r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
			return -1
		}
		return r
	}, s))
}
