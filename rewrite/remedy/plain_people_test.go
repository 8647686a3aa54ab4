package remedy

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
)

// What remedies conclude from a plain person is what they would find.
func TestPlainPerson(t *testing.T) {
	for value, want := range map[string]bool{
		"mailto:anna@example.com": true, "mailto:A.b-c_d+e@Example.COM": true, "mailto:i@x.example": true,
		"MAILTO:anna@example.com": false, "anna@example.com": false, "mailto:": false, "mailto:@x": false, "mailto:a@": false, "mailto:a@b@c": false,
		"mailto: anna@example.com": false, "mailto:anna@example.com ": false, "mailto:'anna@example.com'": false, "mailto:%41@x.example": false,
		"mailto:imceaex-a@x.example": false, "mailto:IMCEAEX-a@x.example": false, "mailto:/o=a@x.example": false, "mailto:münchen@x.example": false,
		"mailto:a@x.example?subject=1": false, "mailto:a": false,
	} {
		l := ical.NewLine("ATTENDEE", value)
		if got := isPlainPerson(l); got != want {
			t.Errorf("%q: %v", value, got)
		}
		if !isPlainPerson(l) {
			continue
		}
		addr, ok := mailbox(value)
		if !ok || plainMailbox(value) != addr || value != mailtoScheme+addr || isDirectoryName(value) || lowerScheme(value) != value || lateColon(l, isCN) >= 0 {
			t.Errorf("%q is not plain", value)
		}
	}
}

// Who is invited is found the quick way and the other.
func TestInvitedOfPlainPeople(t *testing.T) {
	for _, line := range []string{
		"ATTENDEE:mailto:bert@x.example", "ATTENDEE:mailto:Bert@X.example", "ATTENDEE:MAILTO:bert@x.example", "ATTENDEE:mailto:'bert@x.example'",
		`ATTENDEE;SENT-BY="mailto:bert@x.example":mailto:carl@x.example`, `ATTENDEE;MEMBER="mailto:%62ert@x.example":mailto:carl@x.example`,
		"ATTENDEE:mailto:carl@x.example", "ATTENDEE:mailto:bert@x.example.org",
	} {
		c := corpusCase([]byte(event(line, "ORGANIZER:mailto:anna@x.example")), Standard)
		if err := parseCase(c); err != nil {
			t.Fatal(err)
		}
		for _, addr := range []string{"bert@x.example", "BERT@x.example", "'bert@x.example'", "anna@x.example", "bert", ""} {
			slow := c.invited(addr) // outside of Do nothing is remembered
			var quick bool
			c.Do(&Remedy{ID: "ask", Run: func(c *Object) { quick = c.invited(addr) }})
			if quick != slow {
				t.Errorf("%s: %q is invited %v, the quick way %v", line, addr, slow, quick)
			}
		}
	}
}

// The facts of the octets are what the rules that they stand for say.
func TestOctetFacts(t *testing.T) {
	for text, want := range map[string]octetFacts{
		"":                             {ascii: true},
		"A:1\r\nB:2\r\n":               {ascii: true},
		"A:\xff\r\n":                   {},
		"A:1,\r\nB:2\r\n":              {ascii: true, comma: true},
		"A:1,\nB:2":                    {ascii: true, comma: true},
		"A:1,\r\r\nB":                  {ascii: true, comma: true},
		"A:1,\r\n B:2\r\n":             {ascii: true},
		"A:1,\r\n":                     {ascii: true},
		"A:1\r\n  BEGIN:VEVENT\r\n":    {ascii: true, indented: true},
		"A:1\n\tEND:VALARM":            {ascii: true, indented: true},
		"A:1\n BEGIN:VFOO\n BEGIN: a":  {ascii: true},
		" BEGIN:VEVENT\r\nA:1\r\n B\n": {ascii: true},
		"A:1\n" + strings.Repeat(" ", maxIndent+maxBorder) + "END:VALARM": {ascii: true},
	} {
		c := &Object{Octets: []byte(text)}
		got := c.octetFacts()
		if got.ascii != want.ascii || got.comma != want.comma || got.indented != want.indented {
			t.Errorf("%q: %+v", text, got)
		}
		c.Octets = []byte("A:\xff,\nBEGIN:\n \tEND:VEVENT")
		if got := c.octetFacts(); got.ascii || !got.comma || !got.indented {
			t.Errorf("%q: the facts of the octets before: %+v", text, got)
		}
	}
}

// A calendar whose faults say that it is plain is.
func TestPlainByFaults(t *testing.T) {
	texts := [][]byte{
		[]byte("A:1\r\n B\r\n"), []byte("A:1"), []byte("A:1\r"), []byte("A:1\n"), []byte("A:1\r\r\n"), []byte("A:\r1\r\n"), []byte("A:\x001\r\n"),
		[]byte("A:1\r\n\r\n B\r\n"), []byte("A:1\r\n\n B\r\n"), []byte("A:" + strings.Repeat("x", 996) + "\r\n"), []byte("A:" + strings.Repeat("x", 997) + "\r\n"),
		[]byte("BEGIN:VCALENDAR\rA:1\r\n"), []byte("A:1\r\n\r\r\n"), []byte("\ufeffA:1\r\n"), []byte("\n\r\n"),
	}
	for _, text := range seeds(t) {
		texts = append(texts, text)
	}
	said := 0
	for _, text := range texts {
		doc, err := ical.Parse(text, ical.Limits{})
		if err != nil {
			continue
		}
		if doc.Faults()&notPlain == 0 && mime.ASCII(text) {
			said++
			if !mime.Plain(text) {
				t.Errorf("%q is not plain", text[:min(len(text), 200)])
			}
		}
	}
	if said < 10 {
		t.Errorf("only %d are said to be plain", said)
	}
}
