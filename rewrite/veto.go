package rewrite

import (
	"bytes"
	"slices"

	"github.com/reconvene/reconvene/rewrite/guard"
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
	if !guard.KeepsLetters(out.in.text, out.in.header.Charset, out.base, out.header.Charset) {
		diff |= remedy.FacetLetters
	}
	if !bytes.Equal(out.base, out.text) {
		diff |= guard.Compare(out.wasBefore(), out.c, out.order)
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
	return guard.Compare(before, after, guard.Components(after.Doc)) & structure
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
			if r.Facets&remedy.FacetLetters == 0 && !guard.KeepsLetters(octets, header.Charset, c.Octets, c.Part.Charset) {
				return r.ID, nil
			}
			octets, header = c.Octets, c.Part
			continue
		}
		if err := parse(c); err != nil {
			return "", err
		}
		c.ResetZones()
		order, before := guard.Components(c.Doc), c.Snapshot()
		c.Do(r)
		text := c.Doc.Bytes()
		before.Doc.Restore()
		if !bytes.Equal(text, octets) && guard.Compare(before, c, order)&^r.Facets != 0 {
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
