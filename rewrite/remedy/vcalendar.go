package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// vcalendar1 translates a vCalendar 1.0 to iCalendar 2.0: all of it or nothing.
// That is opt-in, because the result is another document. What has no exact form
// in iCalendar is named, and the part stays as it is.
func vcalendar1() *Remedy {
	return &Remedy{
		ID:       "vcalendar-1",
		Summary:  "translate vCalendar 1.0 to iCalendar where that is exact",
		Why:      "Phones and old organizers send vCalendar 1.0. Exchange and most current programs do not read it: recipients see a file that they cannot open.",
		Source:   "vCalendar 1.0 §2; RFC 5545 §3.8",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Facets:   facetAll &^ (FacetUID | FacetSequence | FacetMethod | FacetComponents), // nobody could read the rest before
		Run: func(c *Object) {
			if !inVCalendar1(c) {
				return
			}
			f := found(Warning, c.Cal, "VERSION", "1.0", "2.0")
			f.Untouchable = OtherFormat
			v := newVCal(c)
			if v.calendar(); v.why != "" {
				c.leave(f, v.why)
				return
			}
			if !c.Found(f) {
				return
			}
			for _, p := range v.plans {
				p.comp.Items = p.items
				for _, alarm := range p.alarms {
					p.comp.AddChild(alarm)
				}
			}
			if !c.Part.Bare {
				c.Part.MediaType, c.Part.Charset = "text/calendar", "utf-8"
			}
			c.ResetZones()
		},
	}
}

// inVCalendar1 reports whether the calendar is written in vCalendar 1.0. One with a
// METHOD, which vCalendar has not, and nothing of vCalendar in it has only the
// wrong number.
func inVCalendar1(c *Object) bool {
	return c.readable() && oldCalendar(c) && (!c.Cal.Has("METHOD") || writtenAs1(c.Cal))
}

// vcal is one translation. It changes nothing: plans says what each component is
// to have.
type vcal struct {
	c     *Object
	zone  vcalZone
	plans []vcalPlan
	why   string // why it is not exact; "" as long as it is
}

type vcalPlan struct {
	comp   *ical.Component
	items  []ical.Item
	alarms []*ical.Component
}

func newVCal(c *Object) *vcal { return &vcal{c: c} }

// not notes the first reason against the translation.
func (v *vcal) not(why string) {
	if v.why == "" {
		v.why = why + "; the sender has to send iCalendar"
	}
}

// calendar translates the VCALENDAR and the components in it.
func (v *vcal) calendar() {
	cal := v.c.Cal
	if len(v.c.Doc.Root.Children("VCALENDAR")) > 1 {
		v.not("there is more than one calendar")
	}
	if !cal.Has("VERSION") {
		v.not("it has no VERSION")
	}
	v.readZone(cal)
	p := vcalPlan{comp: cal}
	v.eachLine(cal, func(l vcalLine) {
		switch l.name {
		case "VERSION":
			p.add(ical.NewLine("VERSION", "2.0"))
		case "PRODID", "METHOD", "CALSCALE":
			p.add(ical.NewLine(l.name, l.value))
		case "TZ", "DAYLIGHT":
		default:
			v.other(&p, l)
		}
	}, func(sub *ical.Component) {
		if sub.Name != "VEVENT" && sub.Name != "VTODO" {
			v.not("it has a " + clip(sub.Name) + ", which does not exist in vCalendar")
			return
		}
		p.items = append(p.items, ical.Item{Sub: sub})
		v.event(sub)
	})
	v.plans = append(v.plans, p)
}

func (p *vcalPlan) add(l *ical.Line) { p.items = append(p.items, ical.Item{Prop: l}) }

// other keeps private properties; all others have no form in iCalendar, or none
// that is known here.
func (v *vcal) other(p *vcalPlan, l vcalLine) {
	if !strings.HasPrefix(l.name, "X-") {
		v.not(clip(l.name) + " has no exact form in iCalendar")
		return
	}
	value := l.value
	if l.encoded {
		value = ical.EscapeText(value)
	}
	p.add(l.inLanguage(ical.NewLine(l.name, value)))
}

// event translates a VEVENT or VTODO.
func (v *vcal) event(ev *ical.Component) {
	p := vcalPlan{comp: ev}
	e := v.times(ev)
	v.eachLine(ev, func(l vcalLine) {
		switch l.name {
		case "UID", "SEQUENCE", "URL", "PRIORITY", "CLASS", "DTSTAMP":
			p.add(ical.NewLine(l.name, strings.TrimSpace(l.value)))
		case "SUMMARY", "DESCRIPTION", "LOCATION":
			v.text(&p, l)
		case "CATEGORIES", "RESOURCES":
			v.list(&p, l)
		case "DTSTART", "DTEND", "DUE", "COMPLETED", "LAST-MODIFIED", "DCREATED", "EXDATE", "RDATE":
			v.time(&p, l, e)
		case "RRULE":
			v.rule(&p, l, e)
		case "STATUS":
			v.status(&p, ev.Name, l)
		case "TRANSP":
			v.transp(&p, l)
		case "ATTENDEE":
			v.person(&p, l)
		case "AALARM", "DALARM":
			v.alarm(&p, l, e)
		default:
			v.other(&p, l)
		}
	}, func(sub *ical.Component) { v.not("it has a " + clip(sub.Name) + ", which does not exist in vCalendar") })
	v.plans = append(v.plans, p)
}
