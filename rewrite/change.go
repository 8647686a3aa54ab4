package rewrite

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// change is the result of the passes over one part of a message, or over several.
type change struct {
	edits       []mime.Edit
	report      Report
	untouchable untouchable    // what forbids to change the message
	withheld    bool           // there was a repair that was forbidden
	inForm      bool           // a calendar was taken to the form of Options.Fallback
	noticed     bool           // the notice of FallbackNotice is written
	reshaped    bool           // a part may be of another kind, name or encoding than in the source
	proposal    *remedy.Object // the first proposal of another time
	copies      []copied       // of the calendars
}

// plus is the change with that of further parts.
func (c change) plus(next change) change {
	c.edits = join(c.edits, next.edits)
	c.report = c.report.plus(next.report)
	c.withheld = c.withheld || next.withheld
	c.inForm = c.inForm || next.inForm
	c.noticed = c.noticed || next.noticed
	c.reshaped = c.reshaped || next.reshaped
	if c.proposal == nil {
		c.proposal = next.proposal
	}
	c.copies = join(c.copies, next.copies)
	return c
}

// copied is what is kept of a calendar for its copies. Its parsed form takes many
// times as much memory.
type copied struct {
	charset  string
	in, text []byte // before and after
	applied  []string
	findings []remedy.Finding
}

// maxSkips bounds the entries about one message.
const maxSkips = 20

// skip records what was left alone, each thing once.
func (r *Report) skip(skipped ...Skip) {
	for _, s := range skipped {
		if len(r.Skipped) < maxSkips && !slices.Contains(r.Skipped, s) {
			r.Skipped = append(r.Skipped, s)
		}
	}
}

// join appends b to a; where that is nothing, it is b.
func join[T any](a, b []T) []T {
	if len(a) == 0 {
		return b
	}
	return append(a, b...)
}

// plus is the report with one of further parts.
func (r Report) plus(next Report) Report {
	r.Meetings = join(r.Meetings, next.Meetings)
	r.skip(next.Skipped...)
	r.Vetoed = join(r.Vetoed, next.Vetoed)
	r.Enclosed = join(r.Enclosed, next.Enclosed)
	return r
}
