package rewrite

import (
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// assemble runs the passes over the message as a whole: it puts the repaired
// calendars into the source, lets the structure be repaired, and adds the fields on
// top. On an error only the report is of use.
func (p *pipeline) assemble(m *message, c change) (res Result, err error) {
	defer contain(&err)
	res.Report = c.report
	splice, ok := mime.NewSplice(p.src, c.edits)
	if !ok {
		return res, errOverlap
	}
	var repaired Source = p.src
	if len(c.edits) > 0 && m.tree != nil {
		repaired = splice.Rope()
	}
	shaped := repaired
	if m.tree != nil && !p.streamed {
		if shaped, res.Report, err = p.structure(m, repaired, c); err != nil {
			return res, err
		}
	}
	if c.untouchable.forbids() && c.withheld {
		res.Report.skip(Skip{"message", c.untouchable.reason})
	}
	moved := shaped != repaired
	changed := moved || len(c.edits) > 0
	if changed && m.tree != nil {
		if splice, err = p.withTop(m, splice, c.edits, shaped, moved, res.Report.Applied()); err != nil {
			return res, err
		}
	}
	res.Report.Changed, res.moved = changed, moved
	res.splice, res.held, res.signed = splice, splice.Held(), m.tree != nil && m.tree.DKIM
	if p.o.Strict && changed {
		err = p.checkWhole(res)
	}
	return res, err
}

// withTop adds to a changed mail what it gets in its own header. splice is the source
// with the edits.
func (p *pipeline) withTop(m *message, splice mime.Splice, edits []mime.Edit, shaped Source, moved bool, applied []string) (mime.Splice, error) {
	top, err := topEdits(&p.o, m, shaped, moved, applied)
	ok := true
	switch {
	case err != nil:
		return splice, err
	case moved:
		splice, ok = mime.NewSplice(shaped, top)
	case len(top) > 0:
		splice, ok = mime.NewSplice(p.src, append(top, edits...))
	}
	if !ok {
		err = errOverlap
	}
	return splice, err
}

var errOverlap = fmt.Errorf("%w: edits overlap", errCheck)

// topEdits are what a changed mail gets in its own header, as edits of the
// source, or of src when parts were moved.
func topEdits(o *Options, m *message, src Source, moved bool, applied []string) ([]mime.Edit, error) {
	var edits []mime.Edit
	if o.Header {
		edits = append(edits, traceField(o.Fallback, m, applied))
	}
	if !moved {
		return append(edits, forgedResults(m.src, m.tree, o.AuthServID)...), nil
	}
	tree, err := mime.Scan(src, m.lim.scan())
	if err != nil {
		return nil, err
	}
	return append(edits, forgedResults(src, tree, o.AuthServID)...), nil
}

// traceField is the X-Reconvene field on top of a changed mail. A mbox "From "
// line stays the first one.
func traceField(form Fallback, m *message, applied []string) mime.Edit {
	at := int64(0)
	if h, err := mime.ReadHeader(m.src, m.tree.Root()); err == nil && strings.HasPrefix(string(h.Octets), "From ") {
		at = int64(strings.IndexByte(string(h.Octets), '\n') + 1)
	}
	var b strings.Builder
	b.WriteString("X-Reconvene:")
	width := b.Len()
	if form != FallbackNone {
		applied = append(applied, "form-"+string(form))
	}
	for i, id := range applied {
		if i > 0 {
			b.WriteByte(',')
			width++
		}
		if width+len(id)+2 > 78 {
			b.WriteString(m.tree.EOL)
			width = 0
		}
		b.WriteString(" " + id)
		width += len(id) + 1
	}
	b.WriteString(m.tree.EOL)
	return mime.Edit{Start: at, End: at, Text: []byte(b.String())}
}
