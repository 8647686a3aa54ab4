package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// endMissing closes components whose END is missing, as long as nothing can be
// missing before it: where the text ends inside a meeting it may have been cut
// off, and a meeting that lacks its end is not completed by guessing.
func endMissing() *Remedy {
	return &Remedy{
		ID:       "end-missing",
		Summary:  "add a missing END:VCALENDAR or END:VEVENT",
		Why:      "Most programs refuse a calendar that is not closed as a whole, although every meeting in it is complete.",
		Source:   "RFC 5545 §3.4, §3.6; measured with go-ical, which loses everything",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			open := unclosed(c.Doc)
			if len(open) == 0 {
				return
			}
			stray := strayEnd(c.Doc)
			for _, comp := range open {
				f := found(Error, comp, "END", "", "END:"+comp.Name)
				left := f
				left.Untouchable = Incomplete
				switch {
				case len(open) > maxUnclosed:
					c.leave(left, "too many components are open")
					return
				case !isComponentName(comp.Name):
					c.leave(left, "its name is not valid, so an END for it might not be recognised")
				case stray:
					c.leave(left, "there is another END where no component is open: it is not certain which one is missing")
				case cutOff(comp):
					c.leave(left, "the text ends inside a component: it may have been cut off")
				case c.Found(f):
					comp.Close()
				}
			}
		},
	}
}

// unclosed lists the components without END, outer ones first.
func unclosed(d *ical.Document) (open []*ical.Component) {
	d.Root.Walk(func(comp *ical.Component) {
		if comp.Begin != nil && comp.End == nil {
			open = append(open, comp)
		}
	})
	return open
}

// maxUnclosed bounds how many components of one text are closed: no stranger
// shall make us write much more than he sent.
const maxUnclosed = 100

// strayEnd reports whether an END line closes nothing.
func strayEnd(d *ical.Document) (stray bool) {
	if d.Faults()&ical.FaultSyntax == 0 {
		return false
	}
	d.EachLine(func(comp *ical.Component, l *ical.Line) {
		stray = stray || l.Name() == "END" && l != comp.End
	})
	return stray
}

// cutOff reports whether the text ends inside a component, other than in a
// calendar after a complete meeting.
func cutOff(comp *ical.Component) bool {
	for c := comp; c.Parent() != nil; c = c.Parent() {
		siblings := c.Parent().Items
		if c.Parent().End != nil || siblings[len(siblings)-1].Sub != c {
			return false
		}
	}
	if comp.Name != "VCALENDAR" {
		return true
	}
	last := len(comp.Items) - 1
	for last >= 0 && comp.Items[last].Prop != nil && isEmpty(comp.Items[last].Prop) {
		last--
	}
	if last < 0 || comp.Items[last].Sub == nil {
		return true
	}
	sub := comp.Items[last].Sub
	return sub.End == nil || !isSchedulable(sub.Name)
}
