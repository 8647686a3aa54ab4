package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// cdoCriticalChangeMissing gives an answer the one property that Exchange 2003
// takes the time of the answer from.
//
// QUIRK(exchange2003): cdo-critical-change-missing. This is the cause of
// KB 938650, and here alone it can be prevented: without the property the track
// time of the attendee becomes 1 January 1601, from which Exchange cannot build
// a message any more. A value that is sound stays; of several the first sound
// one.
func cdoCriticalChangeMissing() *Remedy {
	return &Remedy{
		ID:       "cdo-critical-change-missing",
		Summary:  "give a response to Exchange 2003 exactly one " + criticalChange,
		Why:      "Without this property, Exchange 2003 stores 1 January 1601 as the time of the response, and the next update or cancellation of the meeting never leaves the queue (KB 938650). Exchange 2007, Notes, Google and most others omit it.",
		Source:   "KB 938650; MS-OXCICAL 0db93f9e, notes 213 and 214",
		Profiles: []Profile{Exchange2003},
		Way:      OnlyIn,
		Looks:    []string{"METHOD:REPLY BEGIN:VEVENT", "METHOD:COUNTER BEGIN:VEVENT"},
		Run: func(c *Object) {
			if !isAnswer(c) {
				return
			}
			for _, ev := range c.Events() {
				oneCriticalChange(c, ev)
			}
		},
	}
}

func oneCriticalChange(c *Object, ev *ical.Component) {
	lines := ev.Lines(criticalChange)
	keep := (*ical.Line)(nil)
	for _, l := range lines {
		if soundStamp(c, l) {
			keep = l
			break
		}
	}
	switch {
	case keep == nil && len(lines) == 0:
		after := answered(c, ev)
		if c.Found(found(Error, ev, criticalChange, "", after)) {
			ev.Add(ical.NewLine(criticalChange, after))
		}
		return
	case keep == nil:
		keep = lines[0]
		after := answered(c, ev)
		if c.Found(found(Error, ev, criticalChange, keep.Text(), after)) {
			fresh := ical.NewLine(criticalChange, after)
			ev.InsertAfter(keep, fresh)
			ev.Remove(keep)
			keep = fresh
		}
	}
	if len(lines) > 1 {
		c.drop(Error, ev, func(l *ical.Line) bool { return l.Name() == criticalChange && l != keep })
	}
}
