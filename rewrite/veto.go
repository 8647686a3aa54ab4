package rewrite

import (
	"bytes"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// vetoNote is the note of findings whose remedy was reverted.
const vetoNote = "reverted: this remedy would have changed the meeting in a way that it does not declare"

// maxVetoes bounds how often a calendar is repaired again without one more
// remedy.
const maxVetoes = 8

// guarded is an outcome that the guard has checked.
type guarded struct {
	outcome
	vetoed  []string // remedies that were taken back
	skipped []Skip   // what was left alone because no single remedy is to blame
}

// guarded runs the remedies, and again without those that the guard reverts.
func (r *repairer) guarded(in input) (g guarded, err error) {
	g.outcome, err = r.attempt(in, nil)
	for err == nil && g.changed() {
		differ := r.undeclared(g.outcome)
		if differ == 0 {
			break
		}
		var id string
		if id, err = r.culprit(in, g.vetoed); err != nil {
			break
		}
		if id == "" || len(g.vetoed) == maxVetoes {
			g.skipped = []Skip{{in.part(), "guard: the repair would change " + strings.Join(differ.Names(), ", ")}}
			g.outcome, err = g.discarded()
			break
		}
		g.vetoed = append(g.vetoed, id)
		if g.outcome, err = r.attempt(in, g.vetoed); err == nil {
			noteVetoes(g.c, g.vetoed)
		}
	}
	return g, err
}

// undeclared compares the meeting before and after and returns the facets that
// differ although no applied remedy declares them.
func (r *repairer) undeclared(out outcome) remedy.Facet {
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
		if one := r.table.remedy(id); one != nil {
			declared |= one.Facets
		}
	}
	return diff &^ declared
}

// wasBefore returns the calendar as it was when it was parsed. A repair that is
// likely to change nothing has kept no snapshot; then it is read again.
func (o *outcome) wasBefore() *remedy.Object {
	if o.before == nil {
		o.before = &remedy.Object{Octets: o.base, Tick: o.c.Tick}
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

// movedOctets checks the Octets stage: another character set results in other
// letters, but the meeting must stay the same. UTF-16 cannot be parsed before.
func movedOctets(out outcome) remedy.Facet {
	head := out.in.text[:min(4, len(out.in.text))]
	if bytes.IndexByte(head, 0) >= 0 {
		return 0
	}
	after := &remedy.Object{Octets: out.base, Tick: out.c.Tick}
	if err := parse(after); err != nil {
		return structure // cannot be: it was parsed before
	}
	after.ResetZones()
	before := &remedy.Object{Octets: out.in.text, Tick: out.c.Tick}
	if err := parse(before); err != nil {
		return structure
	}
	return guard.Compare(before, after, guard.Components(after.Doc)) & structure
}

// culprit runs the remedies one by one, each on the text that the last one
// left, and returns the first that moves a facet which it does not declare;
// "" when none does so on its own.
func (r *repairer) culprit(in input, vetoed []string) (string, error) {
	octets, header := in.text, in.header
	for _, one := range r.table.remedies {
		if err := r.deadline.expired(); err != nil {
			return "", err
		}
		if !r.allows(one) || slices.Contains(vetoed, one.ID) {
			continue
		}
		c := r.newObject(in.with(octets, header), func(*remedy.Remedy) bool { return true })
		if one.Stage == remedy.Octets {
			c.Do(one)
			if one.Facets&remedy.FacetLetters == 0 && !guard.KeepsLetters(octets, header.Charset, c.Octets, c.Part.Charset) {
				return one.ID, nil
			}
			octets, header = c.Octets, c.Part
			continue
		}
		if err := parse(c); err != nil {
			return "", err
		}
		c.ResetZones()
		order, before := guard.Components(c.Doc), c.Snapshot()
		c.Do(one)
		text := c.Doc.Bytes()
		before.Doc.Restore()
		if !bytes.Equal(text, octets) && guard.Compare(before, c, order)&^one.Facets != 0 {
			return one.ID, nil
		}
		octets, header = text, c.Part
	}
	return "", nil
}

// noteVetoes adds to the findings of a second run why they were not applied.
func noteVetoes(c *remedy.Object, vetoed []string) {
	found := slices.Clone(c.Findings())
	for i := range found {
		if !found[i].Applied && slices.Contains(vetoed, found[i].ID) {
			found[i].Note = vetoNote
		}
	}
	c.SetFindings(found)
}
