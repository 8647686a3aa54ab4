package rewrite

import (
	"bytes"
	"slices"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// vetoNote is the note of findings whose remedy was taken back.
const vetoNote = "reverted: this remedy would have changed the meeting in a way that it does not declare"

// guard compares the meeting before and after and returns the facets that
// differ although no applied remedy declares them.
func (w *work) guard(out outcome) remedy.Facet {
	var diff remedy.Facet
	if !bytes.Equal(out.in.text, out.base) {
		diff |= movedOctets(out)
	}
	if !keepsLetters(out.in.text, out.in.header.Charset, out.base, out.header.Charset) {
		diff |= remedy.FacetLetters
	}
	if !bytes.Equal(out.base, out.text) {
		diff |= moved(out.wasBefore(), out.c, out.order)
	}
	declared := remedy.Facet(0)
	for _, id := range out.applied {
		if r := w.table.remedy(id); r != nil {
			declared |= r.Facets
		}
	}
	return diff &^ declared
}

// wasBefore returns the calendar as it was when it was parsed. A treatment that
// is likely to change nothing has kept no snapshot; then it is read again.
func (o *outcome) wasBefore() *remedy.Case {
	if o.before == nil {
		o.before = &remedy.Case{Octets: o.base, Tick: o.c.Tick}
		if err := parse(o.before); err != nil {
			panic(err) // cannot be: it was parsed before
		}
		return o.before
	}
	o.before.Doc.Restore()
	return o.before
}

// structure are the facets that a character set cannot change.
const structure = remedy.FacetMethod | remedy.FacetUID | remedy.FacetSequence | remedy.FacetRecurrence |
	remedy.FacetOccurrences | remedy.FacetAllDay | remedy.FacetStatus | remedy.FacetAlarms | remedy.FacetComponents

// movedOctets judges the Octets stage: another character set makes other
// letters, but the meeting must stay. UTF-16 cannot be read before.
func movedOctets(out outcome) remedy.Facet {
	head := out.in.text[:min(4, len(out.in.text))]
	if bytes.IndexByte(head, 0) >= 0 {
		return 0
	}
	after := &remedy.Case{Octets: out.base, Tick: out.c.Tick}
	if err := parse(after); err != nil {
		return structure // cannot be: it was parsed before
	}
	after.ResetZones()
	before := &remedy.Case{Octets: out.in.text, Tick: out.c.Tick}
	if err := parse(before); err != nil {
		return structure
	}
	return moved(before, after, components(after.Doc)) & structure
}

// moved compares a case with one that grew out of it. order is the components
// of the former in the tree of the latter: a component is known by being
// the same object, so that one which was removed does not make all others
// look changed.
func moved(before, after *remedy.Case, order []*ical.Component) remedy.Facet {
	same := sameZones(before.Cal, after.Cal)
	var diff remedy.Facet
	if !same && spoilsName(before.Cal, after.Cal) {
		diff |= remedy.FacetZoneName
	}
	if before.Method() != after.Method() {
		diff |= remedy.FacetMethod
	}
	was := components(before.Doc)
	now := components(after.Doc)
	if len(was) != len(order) {
		return ^remedy.Facet(0)
	}
	origin := make(map[*ical.Component]*ical.Component, len(order))
	for i, c := range order {
		origin[c] = was[i]
	}
	kept := 0
	for _, c := range now {
		if !visible(c) {
			continue
		}
		old := origin[c]
		if old == nil || old.Name != c.Name {
			diff |= facetOfNew(c)
			continue
		}
		kept++
		tick(after)
		diff |= compare(facets{before, old, same}, facets{after, c, same})
	}
	visibleBefore := 0
	for _, c := range was {
		if visible(c) {
			visibleBefore++
		}
	}
	if kept != visibleBefore {
		diff |= facetOfLost(was, order, now)
	}
	return diff
}

// visible says whether people see a component: time zones are judged by the
// instants that they give, calendars by what is in them.
func visible(c *ical.Component) bool {
	switch c.Name {
	case "VTIMEZONE", "STANDARD", "DAYLIGHT", "VCALENDAR":
		return false
	}
	return true
}

// facetOfNew says what a component that was not there changes.
func facetOfNew(c *ical.Component) remedy.Facet {
	if c.Name == "VALARM" {
		return remedy.FacetAlarms
	}
	return remedy.FacetComponents
}

// facetOfLost says what the components that are gone changed. What stood in a
// lost component is lost with it and not counted again.
func facetOfLost(was, order, now []*ical.Component) remedy.Facet {
	left := make(map[*ical.Component]bool, len(now))
	for _, c := range now {
		left[c] = true
	}
	gone := make(map[*ical.Component]bool, len(was)) // of was
	var diff remedy.Facet
	for i, c := range order {
		if left[c] {
			continue
		}
		gone[was[i]] = true // parents come first
		if outer := was[i].Parent(); visible(was[i]) && !(gone[outer] && visible(outer) && outer.Name != "") {
			diff |= facetOfNew(was[i])
		}
	}
	return diff
}

// culprit runs the remedies one by one, each on the text that the last one
// left, and returns the first that moves a facet which it does not declare;
// "" when none does so on its own.
func (w *work) culprit(in input, vetoed []string) (string, error) {
	octets, header := in.text, in.header
	for _, r := range w.table.remedies {
		if err := w.expired(); err != nil {
			return "", err
		}
		if !w.allows(r) || slices.Contains(vetoed, r.ID) {
			continue
		}
		one := input{text: octets, header: header, allowed: true}
		c := w.newCase(one, func(*remedy.Remedy) bool { return true })
		if r.Stage == remedy.Octets {
			c.Do(r)
			if r.Facets&remedy.FacetLetters == 0 && !keepsLetters(octets, header.Charset, c.Octets, c.Part.Charset) {
				return r.ID, nil
			}
			octets, header = c.Octets, c.Part
			continue
		}
		if err := parse(c); err != nil {
			return "", err
		}
		c.ResetZones()
		order, before := components(c.Doc), snapshot(c)
		c.Do(r)
		text := c.Doc.Bytes()
		before.Doc.Restore()
		if !bytes.Equal(text, octets) && moved(before, c, order)&^r.Facets != 0 {
			return r.ID, nil
		}
		octets, header = text, c.Part
	}
	return "", nil
}

// noteVetoes says in the findings of a second run why they were not applied.
func noteVetoes(c *remedy.Case, vetoed []string) {
	found := slices.Clone(c.Findings())
	for i := range found {
		if !found[i].Applied && slices.Contains(vetoed, found[i].ID) {
			found[i].Note = vetoNote
		}
	}
	c.SetFindings(found)
}
