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
// multipart/mixed with the text and, after it, the calendar as a file that no
// receiver takes for a scheduling message. In a multipart/alternative it is
// the last version, as the calendar was, and so the one that is shown
// (RFC 2046 §5.1.4); it therefore repeats the text of the mail. Further
// calendars of the same mail become files without a text.

// becomesFile reports whether a calendar is attached to a notice as a file, because
// a receiver would process it otherwise.
func becomesFile(o *Options, out outcome) bool {
	if o.Fallback != FallbackNotice || out.in.untouchable.forbids() || o.Mode == Observe || out.c == nil || out.c.Cal == nil || out.header.Bare {
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

// attachedHeader makes a file of a calendar part (RFC 2183 §2.2): neither its type
// nor its parameters mark it as a scheduling message.
func attachedHeader(h remedy.PartHeader) remedy.PartHeader {
	name := h.Name
	if len(name) <= 4 || !strings.EqualFold(name[len(name)-4:], ".ics") {
		name = calendarFile
	}
	return remedy.PartHeader{MediaType: "application/octet-stream", Charset: "utf-8", Name: name, Disposition: "attachment", Encoding: "base64"}
}

// noticePart replaces a calendar part by the notice, or only by the file after the
// first one. c is what was made of the part so far.
func (p *pipeline) noticePart(m *message, part readPart, out calendar, noticed bool, c change) (change, error) {
	out.header = attachedHeader(out.header)
	sum := sha256.Sum256(append([]byte(part.part.Path()), out.text...))
	shown := calendarEntity(out.outcome)
	if !noticed {
		shown = m.withNotice(part.part, out.outcome, shown)
	}
	c.inForm, c.noticed, c.reshaped = true, true, true
	t := &opened{part: part.part, header: part.header, seed: m.freshSeed(sum[:]), calendars: []outcome{out.outcome}}
	// QUIRK(exchange): Content-class alone makes a meeting request of a part
	e := m.replacement(t.part, t.header, t.seed, &shown, "content-class")
	c.edits = e.edits
	skipped, err := p.checkReplacement(m, t, e)
	c.report.skip(skipped...)
	return c, err
}

// withNotice is a calendar that is a file, with a notice before it.
func (m *message) withNotice(p *mime.Part, out outcome, file entity) entity {
	facts, language := m.facts(p, out)
	text := textEntity("text/plain", textLines(facts.Text(language)))
	if text.encoding == "base64" && safeEncoding(text.data, "quoted-printable") != "base64" {
		text.encoding = "quoted-printable" // some readers show a source
	}
	return multipart("mixed", text, file)
}

// facts reads the content of a notice from the calendar and the message.
func (m *message) facts(p *mime.Part, out outcome) (notice.Facts, notice.Language) {
	c := &remedy.Object{Octets: out.text}
	if err := parse(c); err != nil || len(c.Items()) == 0 {
		c = out.c // it was read before
	}
	c.ResetZones()
	it := mainItem(c)
	f := viewOf(c, it).facts(m.fields)
	f.File = out.header.Name
	text, shown, err := m.outerText(p)
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
	signs := notice.Signs{Tags: m.languageTags(p, it), Subject: m.fields.Subject, Text: text + " " + said}
	return f, notice.Detect(signs)
}

// languageTags returns the languages in header fields (RFC 3282) and in the
// parameters of texts (RFC 5545 §3.2.10).
func (m *message) languageTags(p *mime.Part, it *ical.Component) []string {
	var tags []string
	for _, name := range []string{"SUMMARY", "DESCRIPTION", "LOCATION"} {
		if l := it.First(name); l != nil && l.ParamValue("LANGUAGE") != "" {
			tags = append(tags, l.ParamValue("LANGUAGE"))
		}
	}
	for _, part := range []*mime.Part{p, m.tree.Root()} {
		if h, err := mime.ReadHeader(m.src, part); err == nil {
			if f, ok := h.First("content-language"); ok {
				tags = append(tags, strings.Split(unfold(string(f.Body)), ",")...)
			}
		}
	}
	return tags
}
