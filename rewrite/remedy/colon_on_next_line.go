package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// colonOnNextLine joins a property whose colon stands at the start of the next
// line, unfolded. Neither half is a content line, and nothing else begins with
// a colon, so what belongs together is certain.
//
// QUIRK(exchange2003): colon-on-next-line. Exchange 2000 wrote attendees so.
func colonOnNextLine() *Remedy {
	return &Remedy{
		ID:       "colon-on-next-line",
		Summary:  "join a line that was broken before its colon",
		Why:      "Exchange 2000 breaks an attendee before the colon without the space that marks a continuation. Strict programs refuse the whole calendar; others miss the attendee.",
		Source:   "a meeting request of Exchange 2000 in the tests of Horde's Icalendar; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees | FacetOrganizer | FacetSummary | FacetLocation | FacetDescription,
		Run: func(c *Object) {
			if !c.readable() || c.Doc.Faults()&ical.FaultSyntax == 0 {
				return
			}
			c.Doc.Root.Walk(func(comp *ical.Component) {
				kept := comp.Items[:0]
				for _, it := range comp.Items {
					if n := len(kept); n > 0 && it.Prop != nil {
						front := kept[n-1].Prop
						if whole := joinAtColon(front, it.Prop); whole != nil && c.Found(found(Error, comp, whole.Name(), front.Text(), whole.Text())) {
							kept[n-1].Prop = whole
							continue
						}
					}
					kept = append(kept, it)
				}
				clear(comp.Items[len(kept):])
				comp.Items = kept
			})
		},
	}
}

// joinAtColon returns the content line that two halves make, nil when they are
// none. Blanks after the colon are those of a fold that was indented twice.
func joinAtColon(front, back *ical.Line) *ical.Line {
	if front == nil || back == nil || front.Name() != "" || !strings.HasPrefix(back.Text(), ":") {
		return nil
	}
	head := strings.TrimRight(front.Text(), " \t")
	name, _, _ := strings.Cut(head, ";")
	name = strings.ToUpper(name)
	if name != "ATTENDEE" && name != "ORGANIZER" && !isText(name) || hasBareColon(head) {
		return nil
	}
	value := strings.TrimLeft(back.Text()[1:], " \t")
	doc, err := ical.Parse([]byte(head+":"+value+"\r\n"), ical.Limits{})
	if err != nil {
		return nil
	}
	whole := doc.Root.First(name)
	if whole == nil || whole.Value() != value || quoteOpen(whole) {
		return nil // a quote is open
	}
	whole.Touch()
	return whole
}
