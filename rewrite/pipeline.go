package rewrite

import (
	"cmp"
	"fmt"
	"time"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// pipeline is what the passes over one message share. None of them changes it:
// each takes values and returns values.
type pipeline struct {
	src      Source
	o        Options // with the defaults filled in
	repairer repairer
	deadline deadline
	streamed bool // the beginning of the mail was sent already: no part can be moved
}

func newPipeline(message Source, o Options, t *table) *pipeline {
	p := &pipeline{src: message, o: o.withDefaults()}
	p.deadline = deadline{ctx: p.o.Context, now: p.o.Clock, timeout: p.o.Timeout}
	p.deadline.restart()
	p.repairer = repairer{o: &p.o, table: t, deadline: &p.deadline}
	if o.Memory != nil {
		p.repairer.memory = &recall{Memory: o.Memory}
	}
	return p
}

// withDefaults sets the defaults.
func (o Options) withDefaults() Options {
	if o.Profile == "" {
		o.Profile = remedy.Standard
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Now.IsZero() {
		o.Now = o.Clock()
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	o.Limits.Calendar = cmp.Or(o.Limits.Calendar, 4<<20)
	o.Limits.Calendars = cmp.Or(o.Limits.Calendars, 32)
	o.Limits.Total = cmp.Or(o.Limits.Total, 8<<20)
	o.Limits.TNEF = cmp.Or(o.Limits.TNEF, maxTNEF)
	return o
}

// run executes all passes. After any error the result can still be sent. tree is nil
// unless the parts were found while the message was received.
func (p *pipeline) run(tree *mime.Tree) (Result, error) {
	m, c, err := p.changes(tree)
	res := Result{Report: c.report}
	if err == nil {
		res, err = p.assemble(m, c)
	}
	if err != nil {
		return p.unchanged(res.Report, err), err
	}
	return res, nil
}

// unchanged is the result where an error keeps the message as it came.
func (p *pipeline) unchanged(report Report, err error) Result {
	res := untouched(p.src)
	res.Report = report.failed(err)
	return res
}

// changes runs the passes that repair the calendars: it returns what replaces parts
// of the source, and the report.
func (p *pipeline) changes(tree *mime.Tree) (m *message, c change, err error) {
	defer contain(&err)
	m = &message{src: p.src} // of a bare calendar
	if isCalendar(p.src, p.o.Form) {
		c, err = p.bare()
	} else if m, err = readMessage(p.src, tree, p.o.Limits); err == nil {
		c, err = p.mail(m)
	}
	if err == nil {
		err = checkForm(&p.o, c)
	}
	return m, c, err
}

// bare runs the passes over a source that is a calendar and not a mail.
func (p *pipeline) bare() (c change, err error) {
	size := p.src.Size()
	if size > int64(p.o.Limits.Calendar) {
		return c, fmt.Errorf("%w: %d octets, at most %d are read", mime.ErrLimit, size, p.o.Limits.Calendar)
	}
	if err := p.admit(calendarCost * size); err != nil {
		return c, err
	}
	text, err := readAll(p.src, 0, size)
	if err != nil {
		return c, err
	}
	in := input{text: text, header: remedy.PartHeader{Bare: true, MediaType: "text/calendar", Charset: "utf-8"}}
	out, err := p.repairer.calendar(in, nil)
	c = out.change()
	if err != nil || !out.textChanged() {
		return c, err
	}
	c.edits = []mime.Edit{{Start: 0, End: size, Text: out.text}}
	skipped, err := p.repairer.checkStable(in.with(out.text, out.header), out.outcome)
	c.report.skip(skipped...)
	return c, err
}

// mail runs the passes over the parts of a mail, each once, in this order.
func (p *pipeline) mail(m *message) (c change, err error) {
	defer contain(&err)
	var found []candidate
	if found, c.report, err = p.find(m); err != nil || len(found) == 0 {
		return c, err
	}
	if m.fields, err = readFields(m, p.o.Recipients); err != nil {
		return c, err
	}
	whole := p.untouchable(m)
	if err := p.admit(memoryCost(found, p.o.Limits)); err != nil {
		return c, err
	}
	for _, one := range found {
		made, err := p.part(m, one.under(whole), len(found) == 1, c)
		c = c.plus(made)
		if err != nil {
			return c, err
		}
	}
	c.untouchable = whole
	return c, nil
}

// part runs the passes over one part. before is what was made of the parts
// before it.
func (p *pipeline) part(m *message, found candidate, only bool, before change) (c change, err error) {
	if err := p.deadline.expired(); err != nil {
		return c, err
	}
	if found.tnef {
		c, err = p.unwrap(m, found, before)
		c.reshaped = true
		return c, err
	}
	return p.calendarPart(m, found, only, before)
}
