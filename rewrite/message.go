package rewrite

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Message looks for meetings in a message, repairs them as the options allow,
// and returns what to send and a report. Whatever goes wrong, the Result is
// complete and can be sent: on an error it is the source, unchanged, and the
// report says so.
func Message(message Source, o Options) (Result, error) {
	return rewriteWith(message, o, allRemedies())
}

// rewriteWith is Message with the remedies given.
func rewriteWith(message Source, o Options, t *table) (Result, error) {
	if o.Mode == Off {
		return untouched(message), nil
	}
	return newWork(message, o, t).run()
}

func untouched(message Source) Result {
	splice, _ := mime.NewSplice(message, nil)
	return Result{splice: splice}
}

// run does the work behind a boundary: whatever goes wrong, the result can be
// sent.
func (w *work) run() (res Result, err error) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case stopped:
			err = cause.error
		default:
			err = fmt.Errorf("%w: %v at %s", ErrPanic, cause, panicSite())
		}
		if err != nil {
			res = untouched(w.src)
			res.Report = w.report.failed(err)
		}
	}()
	edits, err := w.edits()
	if err == nil {
		err = w.checkForm()
	}
	if err != nil {
		return Result{}, err
	}
	if res, err = w.result(edits); err != nil {
		return Result{}, err
	}
	if w.o.Strict && res.Report.Changed {
		err = w.checkWhole(res)
	}
	return res, err
}

// result puts the repaired calendars into the mail, lets the structure be
// repaired, and adds the trace field.
func (w *work) result(edits []mime.Edit) (Result, error) {
	splice, ok := mime.NewSplice(w.src, edits)
	if !ok {
		return Result{}, fmt.Errorf("%w: edits overlap", ErrCheck)
	}
	var src Source = w.src
	if len(edits) > 0 && w.tree != nil {
		src = splice.Rope()
	}
	shaped := src
	if !w.underWay {
		var err error
		if shaped, err = w.structure(src, w.hands); err != nil {
			return Result{}, err
		}
	}
	if w.hands != "" && w.held {
		w.skip("message", w.hands)
	}
	moved := shaped != src
	changed := moved || len(edits) > 0
	var top []mime.Edit
	if changed && w.tree != nil {
		var err error
		if top, err = w.topEdits(shaped, moved); err != nil {
			return Result{}, err
		}
	}
	switch {
	case moved:
		splice, ok = mime.NewSplice(shaped, top)
	case len(top) > 0:
		splice, ok = mime.NewSplice(w.src, append(top, edits...))
	}
	if !ok {
		return Result{}, fmt.Errorf("%w: edits overlap", ErrCheck)
	}
	res := Result{Report: w.report, splice: splice, held: splice.Held(), moved: moved, signed: w.tree != nil && w.tree.DKIM}
	res.Report.Changed = changed
	return res, nil
}

// topEdits are what a changed mail gets in its own header, as edits of the
// source, or of src when parts were moved.
func (w *work) topEdits(src Source, moved bool) ([]mime.Edit, error) {
	var edits []mime.Edit
	if w.o.Header {
		edits = append(edits, w.traceField())
	}
	if !moved {
		return append(edits, w.forgedResults(w.src, w.tree)...), nil
	}
	tree, err := mime.Scan(src, w.lim.scan())
	if err != nil {
		return nil, err
	}
	return append(edits, w.forgedResults(src, tree)...), nil
}

// panicSite names the line that panicked; it is all of the stack that fits
// into a log line.
func panicSite() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}

// work is one message under treatment.
type work struct {
	src        Source
	o          Options
	lim        Limits
	table      *table
	looking    *stages    // see course
	changing   *stages    // likewise
	tree       *mime.Tree // nil for a bare calendar; found while the message arrived, or by edits
	mail       remedy.Mail
	deadline   time.Time
	report     Report
	done       []treated     // what was treated so far, for copies of it
	counter    *remedy.Case  // the first proposal, see proposal
	held       bool          // there was a repair that was not allowed
	hands      string        // why the whole message must not be changed, "" when it may
	single     bool          // there is one calendar part and no more
	fallenBack int           // calendars that were taken to Options.Fallback
	told       bool          // there is a notice already
	otherShape bool          // a part may be of another kind, name or encoding than in the source, see structure
	memory     remedy.Memory // nil remembers nothing
	underWay   bool          // the beginning was sent already: no part can be moved
}

func newWork(message Source, o Options, t *table) *work {
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
	w := &work{src: message, o: o, lim: o.Limits, table: t, deadline: o.Clock().Add(o.Timeout)}
	if o.Memory != nil {
		w.memory = &recall{Memory: o.Memory}
	}
	if w.lim.Calendar == 0 {
		w.lim.Calendar = 4 << 20
	}
	if w.lim.Calendars == 0 {
		w.lim.Calendars = 32
	}
	if w.lim.Total == 0 {
		w.lim.Total = 8 << 20
	}
	if w.lim.TNEF == 0 {
		w.lim.TNEF = maxTNEF
	}
	return w
}

// scan is what the scanner is told of the limits.
func (l Limits) scan() mime.Limits {
	return mime.Limits{Parts: l.Parts, Depth: l.Depth, Header: l.Header}
}

// edits does all of the work and returns what has to be put into the source.
func (w *work) edits() ([]mime.Edit, error) {
	if w.isCalendar() {
		return w.bare()
	}
	if w.tree == nil {
		tree, err := mime.Scan(w.src, w.lim.scan())
		if err != nil {
			return nil, err
		}
		w.tree = tree
	}
	found := w.find()
	beside := hasCalendar(found)
	if w.o.Fallback == FallbackNotice && beside && slices.ContainsFunc(w.tree.Parts, func(p *mime.Part) bool { return isTNEF(p) && !p.Enclosed }) {
		return nil, fmt.Errorf("%w: the winmail.dat beside the calendar would still be a meeting", ErrNoForm)
	}
	wrapped := w.findTNEF(beside)
	if len(found) == 0 && len(wrapped) == 0 {
		return nil, nil
	}
	if err := w.readMail(); err != nil {
		return nil, err
	}
	w.single = len(found) == 1 && len(wrapped) == 0
	w.otherShape = len(wrapped) > 0
	hands := w.handsOff()
	if err := w.admit(found, wrapped); err != nil {
		return nil, err
	}
	var edits []mime.Edit
	for _, p := range found {
		e, err := w.part(p, hands == "" && p.Sealed == "" && p.Doubt == "")
		if err != nil {
			return nil, err
		}
		edits = append(edits, e...)
	}
	for _, p := range wrapped {
		e, err := w.unwrap(p, hands == "" && p.Sealed == "" && p.Doubt == "")
		if err != nil {
			return nil, err
		}
		edits = append(edits, e...)
	}
	w.hands = hands
	return edits, nil
}

// bare treats a source that is a calendar and not a mail.
func (w *work) bare() ([]mime.Edit, error) {
	size := w.src.Size()
	if size > int64(w.lim.Calendar) {
		return nil, fmt.Errorf("%w: %d octets, at most %d are read", mime.ErrLimit, size, w.lim.Calendar)
	}
	if err := w.admitOctets(calendarCost * size); err != nil {
		return nil, err
	}
	text, err := readAll(w.src, 0, size)
	if err != nil {
		return nil, err
	}
	out, err := w.treat(input{text: text, header: remedy.PartHeader{Bare: true, MediaType: "text/calendar", Charset: "utf-8"}, allowed: true})
	if err == nil {
		err = w.fallBack(&out)
	}
	if err != nil || !out.textChanged() {
		return nil, err
	}
	again := input{text: out.text, header: out.header, allowed: true}
	return []mime.Edit{{Start: 0, End: size, Text: out.text}}, w.checkFixpoint(again, out)
}

// maxSkips bounds what is said about one message.
const maxSkips = 20

func (w *work) skip(what, why string) {
	s := Skip{What: what, Why: why}
	if len(w.report.Skipped) < maxSkips && !slices.Contains(w.report.Skipped, s) {
		w.report.Skipped = append(w.report.Skipped, s)
	}
}
