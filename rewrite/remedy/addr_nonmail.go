package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// addrNonmail replaces addresses that are no mail addresses for Exchange, and
// takes out attendees for whom there is none: Exchange itself would lose the
// address and keep a person who cannot be reached.
func addrNonmail() *Remedy {
	return &Remedy{
		ID:       "addr-nonmail",
		Summary:  "replace sip:, urn: and invalid: addresses, or drop the attendee",
		Why:      "Teams, Apple and exporters write addresses that are no mail addresses. Exchange silently loses them, and Outlook believes that the reader is the organizer.",
		Source:   "gromox 703a28313; DavMail replaceIcal4Principal; RFC 6047 §2.3",
		Profiles: microsoft(),
		Facets:   FacetOrganizer | FacetAttendees,
		Run: func(c *Case) {
			for _, ev := range c.schedulable() {
				if !slices.ContainsFunc(ev.Items, func(it ical.Item) bool { return it.Prop != nil && isNonmail(it.Prop) }) {
					continue
				}
				reachable := reachableAttendees(ev)
				ev.Items = slices.DeleteFunc(ev.Items, func(it ical.Item) bool {
					return it.Prop != nil && isNonmail(it.Prop) && c.replaceNonmail(ev, it.Prop, reachable)
				})
			}
		},
	}
}

// isNonmail says whether a person is given by a URI that is no mail address.
func isNonmail(l *ical.Line) bool {
	if n := l.Name(); n != "ORGANIZER" && n != "ATTENDEE" || hasOddPiece(l) {
		return false
	}
	if strings.HasPrefix(l.Value(), mailtoScheme) {
		return false
	}
	scheme, _, ok := strings.Cut(strings.TrimSpace(l.Value()), ":")
	return ok && scheme != "" && !strings.EqualFold(scheme+":", mailtoScheme) && !isDirectoryName(l.Value())
}

// replaceNonmail repairs a person and says whether it is to go.
func (c *Case) replaceNonmail(ev *ical.Component, l *ical.Line, reachable int) (gone bool) {
	if uri, ok := mailtoURI(l.ParamValue("EMAIL")); ok {
		if c.Found(found(Error, ev, l.Name(), l.Value(), uri)) {
			l.SetValue(uri)
		}
		return false
	}
	switch {
	case l.Name() == "ORGANIZER":
		c.replaceOrganizer(ev, l)
	case c.fromOrganizer() && reachable > 0:
		return c.Found(found(Warning, ev, "ATTENDEE", l.Text(), ""))
	default:
		c.replaceAttendee(ev, l)
	}
	return false
}

func reachableAttendees(ev *ical.Component) int {
	n := 0
	for _, it := range ev.Items {
		l := named(it, "ATTENDEE")
		if l == nil {
			continue
		}
		if _, ok := mailbox(l.Value()); ok {
			n++
		}
	}
	return n
}
