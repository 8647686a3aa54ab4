package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// maxRounds bounds how often a result is repaired again. The change of one remedy
// can create the condition of an earlier one; two rounds are enough for nearly all
// calendars.
const maxRounds = 4

// stabilized repairs the result again, as a second Reconvene on its way would, until
// nothing changes any more: also with the remedies that were taken back,
// because what stood against one of them may be gone now. What further rounds
// do is added to the outcome, and the guard compares the meeting before all of
// them with the one after. A result that does not become stable is an error.
func (r *repairer) stabilized(out outcome) (outcome, []Skip, error) {
	var skipped []Skip
	for round := 1; out.changed(); round++ {
		again := out.in.with(out.text, out.header)
		again.known = out.c
		next, err := r.guarded(again)
		skipped = append(skipped, next.skipped...)
		if err != nil {
			return out, skipped, fmt.Errorf("%w: %w", errCheck, err)
		}
		if !next.changed() {
			again.known = nil
			out.stable, out.sent = again, next.c
			break
		}
		undone := bytes.Equal(next.text, out.in.text) && next.header == out.in.header
		cutOff := gravest(next.c.Findings()).Untouchable == remedy.Incomplete
		both, ok := out.extended(next.outcome)
		if round == maxRounds || undone || cutOff || !ok {
			return out, skipped, unstableError(out, next.outcome)
		}
		out = both
		if differ := r.undeclared(out); differ != 0 {
			return out, skipped, fmt.Errorf("%w: %s: the repairs together would change %s", errCheck, out.in.part(), strings.Join(differ.Names(), ", "))
		}
	}
	return out, skipped, nil
}

// checkStable repairs a result again, as a second Reconvene on its way would,
// unless stabilized has done so for exactly these octets and header fields.
func (r *repairer) checkStable(again input, out outcome) ([]Skip, error) {
	if again.header == out.stable.header && out.stable.text != nil && bytes.Equal(again.text, out.stable.text) {
		return nil, nil
	}
	again.known = out.c
	twice, err := r.guarded(again)
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", errCheck, err)
	case twice.changed():
		err = unstableError(out, twice.outcome)
	}
	return twice.skipped, err
}

func unstableError(out, next outcome) error {
	return fmt.Errorf("%w: %s would be changed again by %s", errCheck, out.in.part(), strings.Join(next.applied, ", "))
}

// extended is the outcome of two rounds. It fails when the second one did
// not read the components that the first one wrote.
func (o outcome) extended(next outcome) (outcome, bool) {
	written := guard.Components(o.c.Doc)
	if len(written) != len(next.order) {
		return o, false
	}
	became := make(map[*ical.Component]*ical.Component, len(written))
	for i, c := range written {
		became[c] = next.order[i]
	}
	order := slices.Clone(o.order)
	for i, c := range order {
		if now := became[c]; now != nil {
			order[i] = now // else the first round took it out
		}
	}
	findings, applied := slices.Clone(o.c.Findings()), slices.Clone(o.applied)
	for _, f := range next.c.Findings() {
		if f.Applied && !slices.Contains(findings, f) {
			findings = append(findings, f)
		}
	}
	for _, id := range next.applied {
		if !slices.Contains(applied, id) {
			applied = append(applied, id)
		}
	}
	o.order, o.c, o.text, o.header, o.applied = order, next.c, next.text, next.header, applied
	o.c.SetFindings(findings)
	return o, true
}
