package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	goical "github.com/emersion/go-ical"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// check reads what was written for a part: it must be what the remedies made, and a
// second run must change nothing (idempotence; see stabilized). This always runs.
// With Options.Strict an independent decoder must accept it, too.
func (p *pipeline) check(m *message, part readPart, e encoded, out outcome) ([]Skip, error) {
	again, err := written(m, part, e, out)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again.text, out.text) {
		return nil, fmt.Errorf("%w: part %s decodes to something else", errCheck, out.in.path)
	}
	if again.header != out.header {
		return nil, fmt.Errorf("%w: the header fields of part %s are not those that were written", errCheck, out.in.path)
	}
	skipped, err := p.repairer.checkStable(again, out)
	if err != nil {
		return skipped, err
	}
	// the second decoder costs a quarter of all the rest together: it is asked
	// only where there is time for it
	if p.o.Strict && !acceptable(out.text) && acceptable(out.in.text) {
		err = fmt.Errorf("%w: a second decoder refuses the repaired part %s", errCheck, out.in.path)
	}
	return skipped, err
}

// written reads the part as a receiver will.
func written(m *message, part readPart, e encoded, out outcome) (input, error) {
	octets := applyEdits(part.header, e.header)
	now := mime.ParsePart(mime.Header{Octets: octets})
	now.Parent = part.part.Parent
	header := partHeader(now)
	header.Only, header.Referred = out.in.header.Only, out.in.header.Referred
	header.LongLines = e.body == nil && out.in.header.LongLines
	again := out.in.with(out.in.text, header)
	if e.body != nil {
		body, err := mime.DecodeOctets(e.body, now.Encoding, m.tree.EOL)
		if err != nil {
			return again, fmt.Errorf("%w: %w", errCheck, err)
		}
		again.text = closeLine(body, now.Encoding)
	}
	return again, nil
}

// applyEdits returns a header section with its edits.
func applyEdits(h mime.Header, edits []mime.Edit) []byte {
	shifted := make([]mime.Edit, len(edits))
	for i, e := range edits {
		shifted[i] = mime.Edit{Start: e.Start - h.Offset, End: e.End - h.Offset, Text: e.Text}
	}
	s, _ := mime.NewSplice(bytes.NewReader(h.Octets), shifted)
	var b bytes.Buffer
	s.WriteTo(&b) // neither side can fail: both are in memory
	return b.Bytes()
}

// What go-ical is given: it has no limits of its own and takes quadratic time
// for long parameters.
const (
	acceptSize       = 256 << 10
	acceptHead       = 4096 // octets of an unfolded line before its value
	acceptComponents = 2000 // BEGIN lines, nested or not
)

// acceptable reports whether go-ical, an independent decoder, reads a calendar. A
// text beyond its limits counts as refused.
func acceptable(text []byte) (ok bool) {
	if len(text) > acceptSize || !tame(text) {
		return false
	}
	defer func() {
		// go-ical panics on some input; this recover is the border of a
		// library that is known for it
		if recover() != nil {
			ok = false
		}
	}()
	_, err := goical.NewDecoder(bytes.NewReader(text)).Decode()
	return err == nil
}

// tame reports whether a text has neither a long line head (name and parameters)
// nor many components.
func tame(text []byte) bool {
	for begins := 0; len(text) > 0; {
		line := contentLine(text)
		text = text[len(line):]
		if len(line) > acceptHead && headOctets(line) > acceptHead {
			return false
		}
		if len(line) > 6 && line[0]|0x20 == 'b' && strings.EqualFold(string(line[:6]), "BEGIN:") {
			if begins++; begins > acceptComponents {
				return false
			}
		}
	}
	return true
}

// contentLine returns the first content line of a text, folds included.
func contentLine(text []byte) []byte {
	for at := 0; ; {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return text
		}
		at += n + 1
		if at == len(text) || text[at] != ' ' && text[at] != '\t' {
			return text[:at]
		}
	}
}

// headOctets counts the octets before the colon that ends the parameters.
func headOctets(line []byte) int {
	quoted := false
	for i, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			return i
		}
	}
	return len(line)
}

// checkWhole processes the whole message again: nothing may change.
func (p *pipeline) checkWhole(res Result) error {
	var b bytes.Buffer
	if _, err := res.WriteTo(&b); err != nil {
		return err
	}
	o := p.o
	o.Strict, o.Admit = false, nil
	again, err := Message(bytes.NewReader(b.Bytes()), o)
	if errors.Is(err, ErrNoForm) {
		return nil // it is in that form
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errCheck, err)
	}
	if again.Changed() {
		return fmt.Errorf("%w: a second run would change it again by %s", errCheck, strings.Join(again.Report.Applied(), ", "))
	}
	return nil
}
