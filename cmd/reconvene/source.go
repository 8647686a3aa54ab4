package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// streamLimit bounds what is read from standard input or a pipe, which has to
// be kept in memory; a file of any size is read where it lies.
const streamLimit = 1 << 30

// input is one mail or calendar that was named on the command line.
type input struct {
	name string // "-" for standard input
	src  rewrite.Source
	form rewrite.Form
	file *os.File // nil for standard input and pipes
}

// openInput opens a file, or reads standard input for "-".
func openInput(e *env, name string) (*input, error) {
	if name == "-" {
		return readInput(name, "standard input", e.stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a directory; name the files in it", name)
	case !info.Mode().IsRegular(): // a pipe, say
		defer f.Close()
		return readInput(name, name, f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	in := &input{name: name, src: io.NewSectionReader(f, 0, info.Size()), file: f}
	if strings.HasSuffix(strings.ToLower(name), ".ics") {
		in.form = rewrite.Calendar
	}
	if err := in.asMail(); err != nil {
		f.Close()
		return nil, err
	}
	return in, nil
}

// readInput reads what has no offsets into memory.
func readInput(name, what string, r io.Reader) (*input, error) {
	b, err := io.ReadAll(io.LimitReader(r, streamLimit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if len(b) > streamLimit {
		return nil, fmt.Errorf("%s has more than %d octets; name a file instead", what, streamLimit)
	}
	in := &input{name: name, src: bytes.NewReader(b)}
	return in, in.asMail()
}

func (in *input) Close() error {
	if in.file == nil {
		return nil
	}
	return in.file.Close()
}

// calendarPart is a calendar as it is in a mail, or a bare one.
type calendarPart struct {
	Path   string // as in the report: "1.2"; "" for a bare calendar
	Header string // the part's own header fields
	Text   []byte // decoded
	Sealed string // the media type that signs or encrypts it
	Err    error  // why it could not be decoded
}

// calendarLimit bounds one decoded calendar that is shown.
const calendarLimit = 8 << 20

// readCalendars finds the calendars of a mail or calendar file. It only looks:
// those that the rewriter leaves alone are there too.
func readCalendars(src rewrite.Source, form rewrite.Form) ([]calendarPart, error) {
	if form == rewrite.Calendar || form == rewrite.Auto && startsCalendar(src) {
		text := make([]byte, min(src.Size(), calendarLimit))
		n, err := src.ReadAt(text, 0)
		if err == io.EOF {
			err = nil
		}
		return []calendarPart{{Text: text[:n], Err: err}}, err
	}
	tree, err := mime.Scan(src, mime.Limits{})
	if err != nil {
		return nil, err
	}
	var out []calendarPart
	for _, p := range tree.Parts {
		if p.Enclosed || !isCalendar(p) {
			continue
		}
		c := calendarPart{Path: p.Path(), Sealed: p.Sealed}
		if h, err := mime.ReadHeader(src, p); err == nil {
			c.Header = string(h.Octets)
		}
		c.Text, c.Err = mime.Decode(src, p, tree.EOL, calendarLimit)
		out = append(out, c)
	}
	return out, nil
}

// wrappedCalendars are the calendars that envelopes stand for.
func wrappedCalendars(all []rewrite.Envelope) []calendarPart {
	var out []calendarPart
	for _, e := range all {
		if e.Meeting != nil {
			out = append(out, calendarPart{Path: e.Part, Header: string(e.Header), Text: e.Meeting.Calendar, Sealed: e.Sealed})
		}
	}
	return out
}

func isCalendar(p *mime.Part) bool {
	switch p.MediaType {
	case "text/calendar", "application/ics":
		return true
	}
	return !p.IsMultipart() && strings.HasSuffix(strings.ToLower(p.Filename), ".ics")
}

// startsCalendar reports whether the first line is that of a calendar.
func startsCalendar(src rewrite.Source) bool {
	head := make([]byte, 64)
	n, _ := src.ReadAt(head, 0)
	text := strings.TrimLeft(strings.TrimPrefix(string(utf8Text(head[:n])), "\ufeff"), " \t\r\n")
	return len(text) >= 15 && strings.EqualFold(text[:15], "BEGIN:VCALENDAR")
}

// utf8Text reads UTF-16 with a byte order mark; everything else stays.
func utf8Text(b []byte) []byte {
	var order func(a, b byte) uint16
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		order = func(a, b byte) uint16 { return uint16(b)<<8 | uint16(a) }
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		order = func(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }
	default:
		return b
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		units = append(units, order(b[i], b[i+1]))
	}
	out := make([]byte, 0, len(b))
	for _, r := range utf16.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out
}
