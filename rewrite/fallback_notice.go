package rewrite

import (
	"crypto/sha256"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/notice"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// The notice takes the place of the calendar part, and of nothing else: a
// multipart/mixed with the text and, behind it, the calendar as a file that no
// receiver takes for a scheduling message. In a multipart/alternative it is
// the last version, as the calendar was, and so the one that is shown
// (RFC 2046 §5.1.4); it therefore repeats the text of the mail. Further
// calendars of the same mail become files without a text.

// noticed says whether a part gets a notice in its place: a calendar that a
// receiver would act upon.
func (w *work) noticed(out outcome) bool {
	if w.o.Fallback != FallbackNotice || !out.in.allowed || w.o.Mode == Observe || out.c == nil || out.c.Cal == nil || out.header.Bare {
		return false
	}
	switch strings.ToLower(out.header.MediaType) {
	case "text/calendar", "application/ics":
		return len(out.c.Items()) > 0
	}
	return false
}

// calendarFile is the name under which the calendar is attached where it has
// none.
const calendarFile = "meeting.ics"

// attachedHeader makes a file of a calendar part (RFC 2183 §2.2): neither its
// type nor its parameters say that it is to be acted upon.
func attachedHeader(h remedy.PartHeader) remedy.PartHeader {
	name := h.Name
	if len(name) <= 4 || !strings.EqualFold(name[len(name)-4:], ".ics") {
		name = calendarFile
	}
	return remedy.PartHeader{MediaType: "application/octet-stream", Charset: "utf-8", Name: name, Disposition: "attachment", Encoding: "base64"}
}

// notice writes the notice, or only the file behind the first one, into the
// place of a calendar part.
func (w *work) notice(p *mime.Part, h mime.Header, out outcome) ([]mime.Edit, error) {
	out.header = attachedHeader(out.header)
	sum := sha256.Sum256(append([]byte(p.Path()), out.text...))
	body := w.shownCalendar(p, out)
	w.fallenBack++
	t := &opened{part: p, header: h, seed: w.freshSeed(sum[:]), calendars: []outcome{out}}
	// QUIRK(exchange): Content-class alone makes a meeting request of a part
	e := w.replacement(p, h, t.seed, &body, "content-class")
	return e.edits, w.checkUnwrapped(t, e)
}

// shownCalendar is a calendar as a part of its own, with a notice before it on
// that form.
func (w *work) shownCalendar(p *mime.Part, out outcome) entity {
	file := calendarEntity(out)
	if w.o.Fallback != FallbackNotice || out.header.Disposition != "attachment" || w.told {
		return file
	}
	w.told = true
	facts, language := w.facts(p, out)
	text := textEntity("text/plain", textLines(facts.Text(language)))
	if text.encoding == "base64" && safeEncoding(text.data, "quoted-printable") != "base64" {
		text.encoding = "quoted-printable" // some readers show a source
	}
	return multipart("mixed", text, file)
}

// facts reads from the calendar and the mail what a notice tells.
func (w *work) facts(p *mime.Part, out outcome) (notice.Facts, notice.Language) {
	c := &remedy.Case{Octets: out.text}
	if err := parse(c); err != nil || len(c.Items()) == 0 {
		c = out.c // it was read before
	}
	c.ResetZones()
	it := mainItem(c)
	f := facetsOf(c, it).facts(w.mail)
	f.File = out.header.Name
	text, shown, err := w.outerText(p)
	if err != nil {
		text = "" // the mail cannot be read again: writing it will say so
	}
	said := readBody(it)
	if strings.TrimSpace(text) == "" {
		text, shown = said, false
	}
	if !shown {
		f.Original = text
	}
	signs := notice.Signs{Tags: w.languageTags(p, it), Subject: w.mail.Subject, Text: text + " " + said}
	return f, notice.Detect(signs)
}

// languageTags are what header fields (RFC 3282) and the parameters of texts
// (RFC 5545 §3.2.10) say of the language.
func (w *work) languageTags(p *mime.Part, it *ical.Component) []string {
	var tags []string
	for _, name := range []string{"SUMMARY", "DESCRIPTION", "LOCATION"} {
		if l := it.First(name); l != nil && l.ParamValue("LANGUAGE") != "" {
			tags = append(tags, l.ParamValue("LANGUAGE"))
		}
	}
	for _, part := range []*mime.Part{p, w.tree.Root()} {
		if h, err := mime.ReadHeader(w.src, part); err == nil {
			if f, ok := h.First("content-language"); ok {
				tags = append(tags, strings.Split(unfold(string(f.Body)), ",")...)
			}
		}
	}
	return tags
}
