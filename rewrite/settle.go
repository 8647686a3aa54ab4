package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxRounds bounds how often a result is treated once more. What a remedy did
// can bring to light what an earlier one looks for; two rounds are enough for
// nearly all, and what does not come to rest at all is not worth more.
const maxRounds = 4

// settle treats the result again, as a second Reconvene on its way would, until
// nothing changes any more: also with the remedies that were taken back,
// because what stood against one of them may be gone now. What further rounds
// do is added to the outcome, and the guard compares the meeting before all of
// them with the one behind. A result that does not come to rest is an error.
func (w *work) settle(out *outcome) error {
	for round := 1; out.changed(); round++ {
		again := input{path: out.in.path, text: out.text, header: out.header, allowed: true, known: out.c}
		next, _, err := w.guarded(again)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCheck, err)
		}
		if !next.changed() {
			again.known = nil
			out.settled = again
			return nil
		}
		undone := bytes.Equal(next.text, out.in.text) && next.header == out.in.header
		if round == maxRounds || undone || incomplete(next.c) || !out.extend(next) {
			return unsettledError(*out, next)
		}
		if moved := w.guard(*out); moved != 0 {
			return fmt.Errorf("%w: %s: the repairs together would change %s", ErrCheck, out.in.name(), strings.Join(moved.Names(), ", "))
		}
	}
	return nil
}

func unsettledError(out, next outcome) error {
	return fmt.Errorf("%w: %s would be changed again by %s", ErrCheck, out.in.name(), strings.Join(next.applied, ", "))
}

// extend makes an outcome that of two rounds. It fails when the second one did
// not read the components that the first one wrote.
func (o *outcome) extend(next outcome) bool {
	written := guard.Components(o.c.Doc)
	if len(written) != len(next.order) {
		return false
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
	findings := slices.Clone(o.c.Findings())
	for _, f := range next.c.Findings() {
		if f.Applied && !slices.Contains(findings, f) {
			findings = append(findings, f)
		}
	}
	for _, id := range next.applied {
		if !slices.Contains(o.applied, id) {
			o.applied = append(o.applied, id)
		}
	}
	o.order, o.c, o.text, o.header = order, next.c, next.text, next.header
	o.c.SetFindings(findings)
	return true
}
