package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// What Notes and Domino do with series that Outlook makes. None of it has an
// equivalent that Notes would take.

// monthday2931 reports series on days that not each month has.
//
// QUIRK(domino): monthday-29-31.
func monthday2931() *Remedy {
	return &Remedy{
		ID:      "monthday-29-31",
		Summary: "report a monthly series on the 29th, 30th or 31st for Domino",
		Why:     "Notes has no monthly series on days that some months lack. It refuses the meeting or skips months.",
		Source:  "Quest KB 4261310",
		Never:   true,
		Series:  true,
		Looks:   []string{"RRULE"},
		Run: func(c *Object) {
			if !c.isFor(Domino) {
				return
			}
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				late := func(day string) bool { return day == "29" || day == "30" || day == "31" }
				if rulePart(l.Value(), "FREQ") == "MONTHLY" && slices.ContainsFunc(strings.Split(rulePart(l.Value(), "BYMONTHDAY"), ","), late) {
					c.leave(found(Warning, ev, l.Name(), l.Value(), ""), "Notes does not repeat on this day; the organizer has to choose a day up to the 28th")
				}
			})
		},
	}
}

// monthdayZero reports a day of the month that does not exist.
func monthdayZero() *Remedy {
	return &Remedy{
		ID:      "monthday-zero",
		Summary: "report BYMONTHDAY=0",
		Why:     "There is no day 0. Notes refuses the meeting, other receivers refuse the rule, and it is not known which day is meant.",
		Source:  "Quest KB 4261310; RFC 5545 §3.3.10",
		Form:    "BYMONTHDAY",
		Never:   true,
		Series:  true,
		Looks:   []string{"RRULE"},
		Run: func(c *Object) {
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				if slices.Contains(strings.Split(rulePart(l.Value(), "BYMONTHDAY"), ","), "0") {
					c.leave(found(Error, ev, l.Name(), l.Value(), ""), "it is not known which day is meant; the organizer has to send the series again")
				}
			})
		},
	}
}

// infiniteSeries reports series without an end.
//
// QUIRK(domino): infinite-series.
func infiniteSeries() *Remedy {
	return &Remedy{
		ID:      "infinite-series",
		Summary: "report a series without an end for Domino",
		Why:     "Domino stores every occurrence and ends an endless series at a limit of its own; the later meetings are missing, and nobody is notified.",
		Source:  "Domino 8 administration help; HCL, calendar best practices",
		Never:   true,
		Series:  true,
		Looks:   []string{"RRULE"},
		Run: func(c *Object) {
			if !c.isFor(Domino) || c.Method() == "CANCEL" {
				return
			}
			eachSeries(c, func(ev *ical.Component, l *ical.Line) {
				if rulePart(l.Value(), "FREQ") != "" && rulePart(l.Value(), "UNTIL") == "" && rulePart(l.Value(), "COUNT") == "" {
					c.leave(found(Info, ev, l.Name(), l.Value(), ""), "Domino ends the series at its own limit; the organizer should choose an end date")
				}
			})
		},
	}
}

// dominoResource reports updates of meetings with a room.
//
// QUIRK(domino): domino-resource. A room is booked by Domino itself, which
// takes an update from outside for a second booking.
func dominoResource() *Remedy {
	return &Remedy{
		ID:      "domino-resource",
		Summary: "report an update of a meeting with a room or resource for Domino",
		Why:     "Domino refuses the update of a meeting that contains one of its rooms, or books the room twice.",
		Source:  "Quest KB 4261310; KB 926016",
		Never:   true,
		Looks:   []string{"METHOD:REQUEST ;CUTYPE"},
		Run: func(c *Object) {
			if !c.isFor(Domino) || c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				if n, ok := sequence(ev); !ok || n == 0 {
					continue
				}
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil {
						continue
					}
					if kind := l.ParamValue("CUTYPE"); strings.EqualFold(kind, "ROOM") || strings.EqualFold(kind, "RESOURCE") {
						c.leave(found(Warning, ev, "ATTENDEE", l.Value(), ""), "if the room is in Domino, the organizer should cancel the meeting and send a new invitation")
					}
				}
			}
		},
	}
}
