package remedy

import "strings"

// Lists of dates that Exchange 2003 and 2007 do not keep.

// rdateAnyExch reports extra dates beside a rule.
//
// QUIRK(exchange2003, exchange2007): rdate-any-exch. Their calendar has no
// place for RDATE.
func rdateAnyExch() *Remedy {
	return &Remedy{
		ID:      "rdate-any-exch",
		Summary: "report RDATE beside RRULE for Exchange 2003 and 2007",
		Why:     "Exchange 2003 and 2007 store only the rule of a series: the additional dates are lost without a report.",
		Source:  "MS-XWDCAL ddf5b60a",
		Never:   true,
		Series:  true,
		Looks:   []string{"RDATE RRULE"},
		Run: func(c *Object) {
			if !c.isFor(Exchange2003, Exchange2007) {
				return
			}
			for _, ev := range c.schedulable() {
				if l := ev.First("RDATE"); l != nil && ev.Has("RRULE") {
					c.leave(found(Error, ev, "RDATE", l.Text(), ""), "Exchange will lose these dates; the organizer has to invite to each of them separately")
				}
			}
		},
	}
}

// exdateMultiLineE2007 reports several excluded dates.
//
// QUIRK(exchange2007): exdate-multi-line-e2007. Before SP2 RU2 there is no way
// to write two exclusions that it keeps.
func exdateMultiLineE2007() *Remedy {
	return &Remedy{
		ID:      "exdate-multi-line-e2007",
		Summary: "report several excluded dates for Exchange 2007",
		Why:     "Exchange 2007 before SP2 RU2 keeps the last of several EXDATE lines, and nothing of a list: the other cancelled occurrences reappear, in whatever form they are written.",
		Source:  "KB 973969",
		Never:   true,
		Series:  true,
		Looks:   []string{"EXDATE RRULE"},
		Run: func(c *Object) {
			if !c.isFor(Exchange2007) {
				return
			}
			for _, ev := range c.schedulable() {
				all := ev.Lines("EXDATE")
				dates := len(all)
				for _, l := range all {
					dates += strings.Count(l.Value(), ",")
				}
				if dates > 1 && ev.Has("RRULE") {
					c.leave(found(Warning, ev, "EXDATE", all[0].Text(), ""), "Exchange 2007 before SP2 RU2 keeps at most one of them; with that update it keeps all")
				}
			}
		},
	}
}
