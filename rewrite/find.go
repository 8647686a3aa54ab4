package rewrite

import (
	"bytes"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// isCalendar says whether the source is a bare calendar.
func (w *work) isCalendar() bool {
	if w.o.Form != Auto {
		return w.o.Form == Calendar
	}
	head, err := readAll(w.src, 0, min(w.src.Size(), 256))
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

// find returns the calendar parts, text/calendar first: what is said there
// also holds for copies of it in attachments. It notes what may be a meeting
// but is left alone.
func (w *work) find() []*mime.Part {
	var found []*mime.Part
	calendars, total := 0, int64(0)
	for _, p := range w.tree.Parts {
		if !isCalendarPart(p) {
			continue
		}
		calendars++
		switch what := "part " + p.Path(); {
		case p.Enclosed:
			w.skip(what, "inside message/rfc822")
			w.enclosed(p)
		case len(found) == w.lim.Calendars:
			w.skip("message", fmt.Sprintf("too many: only the first %d calendar parts are examined", w.lim.Calendars))
		case total+p.Body.Len() > int64(w.lim.Total) && len(found) > 0:
			w.skip(what, fmt.Sprintf("too large: the calendars of a message are examined up to %d octets in total", w.lim.Total))
		default:
			total += p.Body.Len()
			if p.Sealed != "" {
				w.skip(what, "signed: "+p.Sealed)
			} else if p.Doubt != "" {
				w.skip(what, p.Doubt)
			}
			found = append(found, p)
		}
	}
	if calendars == 0 {
		w.noteHidden()
	}
	sort.SliceStable(found, func(i, j int) bool {
		return found[i].MediaType == "text/calendar" && found[j].MediaType != "text/calendar"
	})
	return found
}

// vCalendarType is the label of vCalendar 1.0.
const vCalendarType = "text/x-vcalendar"

// isCalendarPart says whether a part is a calendar by its label: text/calendar,
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

// noteHidden notes parts that may hide a meeting from us.
func (w *work) noteHidden() {
	for _, p := range w.tree.Parts {
		what := "part " + p.Path()
		if p.Path() == "" || p.Parent == nil {
			what = "message"
		}
		switch p.MediaType {
		case "multipart/encrypted":
			w.skip(what, "encrypted: "+p.MediaType)
		case "application/pkcs7-mime", "application/x-pkcs7-mime":
			w.skip(what, "signed or encrypted: "+p.MediaType)
		}
	}
}
