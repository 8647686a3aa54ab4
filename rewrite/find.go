package rewrite

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// isCalendar reports whether the source is a bare calendar.
func isCalendar(src Source, form Form) bool {
	if form != Auto {
		return form == Calendar
	}
	head, err := readAll(src, 0, min(src.Size(), 256))
	if err != nil {
		return false // Scan will say what is wrong with the source
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n")
	const begin = "BEGIN:VCALENDAR"
	return len(head) >= len(begin) && strings.EqualFold(string(head[:len(begin)]), begin)
}

func readAll(src Source, from, to int64) ([]byte, error) {
	b := make([]byte, to-from)
	if n, err := src.ReadAt(b, from); n < len(b) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return b, nil
}

// candidate is a part that may hold a meeting.
type candidate struct {
	part        *mime.Part
	tnef        bool // a winmail.dat
	untouchable untouchable
}

// under is a candidate in a mail that may be untouchable as a whole.
func (c candidate) under(whole untouchable) candidate {
	if whole.forbids() {
		c.untouchable = whole
	}
	return c
}

// name returns the name of the part for the report.
func (c candidate) name() string { return "part " + c.part.Path() }

// newCandidate also determines why a part must not be changed: it is signed, or
// programs differ in where it ends.
func newCandidate(p *mime.Part) candidate {
	switch {
	case p.Sealed != "":
		return candidate{part: p, untouchable: untouchable{"signed: " + p.Sealed}}
	case p.Doubt != "":
		return candidate{part: p, untouchable: untouchable{p.Doubt}}
	}
	return candidate{part: p}
}

// find returns the parts that may hold a meeting: calendars, then winmail.dat.
func (p *pipeline) find(m *message) (found []candidate, report Report, err error) {
	found, report = p.findCalendars(m)
	beside := hasCalendar(found)
	if p.o.Fallback == FallbackNotice && beside && slices.ContainsFunc(m.tree.Parts, func(p *mime.Part) bool { return isTNEF(p) && !p.Enclosed }) {
		return nil, report, fmt.Errorf("%w: the winmail.dat beside the calendar would still be a meeting", ErrNoForm)
	}
	wrapped, more := p.findTNEF(m, beside)
	return append(found, wrapped...), report.plus(more), nil
}

// findCalendars returns the calendar parts, text/calendar first, since copies in
// attachments are compared with it. The report lists parts that may be a meeting and
// are left alone.
func (p *pipeline) findCalendars(m *message) (found []candidate, report Report) {
	calendars, total := 0, int64(0)
	for _, part := range m.tree.Parts {
		if !isCalendarPart(part) {
			continue
		}
		calendars++
		c := newCandidate(part)
		switch {
		case part.Enclosed:
			report.skip(Skip{c.name(), "inside message/rfc822"})
			if len(report.Enclosed) < m.lim.Calendars {
				report.Enclosed = append(report.Enclosed, enclosedMeeting(m, part, p.o.Profile)...)
			}
		case len(found) == m.lim.Calendars:
			report.skip(Skip{"message", fmt.Sprintf("too many: only the first %d calendar parts are examined", m.lim.Calendars)})
		case total+part.Body.Len() > int64(m.lim.Total) && len(found) > 0:
			report.skip(Skip{c.name(), fmt.Sprintf("too large: the calendars of a message are examined up to %d octets in total", m.lim.Total)})
		default:
			total += part.Body.Len()
			if c.untouchable.forbids() {
				report.skip(Skip{c.name(), c.untouchable.reason})
			}
			found = append(found, c)
		}
	}
	if calendars == 0 {
		report.skip(hidden(m.tree.Parts)...)
	}
	sort.SliceStable(found, func(i, j int) bool {
		return found[i].part.MediaType == "text/calendar" && found[j].part.MediaType != "text/calendar"
	})
	return found, report
}

// vCalendarType is the label of vCalendar 1.0.
const vCalendarType = "text/x-vcalendar"

// isCalendarPart reports whether a part is a calendar by its label: text/calendar,
// application/ics, text/x-vcalendar, or a file name that ends in .ics.
func isCalendarPart(p *mime.Part) bool {
	switch p.MediaType {
	case "text/calendar", "application/ics", vCalendarType:
		return true
	}
	if p.IsMultipart() || strings.HasPrefix(p.MediaType, "message/") {
		return false
	}
	n := len(p.Filename)
	return n > 4 && strings.EqualFold(p.Filename[n-4:], ".ics")
}

// hidden lists parts that may hide a meeting from us.
func hidden(parts []*mime.Part) (skipped []Skip) {
	for _, p := range parts {
		what := "part " + p.Path()
		if p.Path() == "" || p.Parent == nil {
			what = "message"
		}
		switch p.MediaType {
		case "multipart/encrypted":
			skipped = append(skipped, Skip{what, "encrypted: " + p.MediaType})
		case "application/pkcs7-mime", "application/x-pkcs7-mime":
			skipped = append(skipped, Skip{what, "signed or encrypted: " + p.MediaType})
		}
	}
	return skipped
}
