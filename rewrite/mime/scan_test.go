package mime_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite/mime"
)

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// outline is one line for each part: path, media type, body.
func outline(t *testing.T, mail string) []string {
	t.Helper()
	tree, err := mime.Scan(strings.NewReader(mail), mime.Limits{})
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	var out []string
	for _, p := range tree.Parts {
		line := fmt.Sprintf("%s %s", p.Path(), p.MediaType)
		if !p.IsMultipart() && p.MediaType != "message/rfc822" {
			line += fmt.Sprintf(" %q", mail[p.Body.Start:p.Body.End])
		}
		if p.Sealed != "" {
			line += " sealed"
		}
		if p.Enclosed {
			line += " enclosed"
		}
		if p.Doubt != "" {
			line += " doubt"
		}
		out = append(out, line)
	}
	return out
}

func TestScan(t *testing.T) {
	tests := []struct {
		name, mail string
		want       []string
	}{
		{"empty", "", []string{`1 text/plain ""`}},
		{"no header", "\r\nbody\r\n", []string{`1 text/plain "body\r\n"`}},
		{"no body", "A: b\r\n", []string{`1 text/plain ""`}},
		{"plain", "A: b\r\n\r\nbody\r\n", []string{`1 text/plain "body\r\n"`}},
		{"calendar alone", "Content-Type: Text/Calendar;;method=REQUEST\r\n\r\nBEGIN\r\n", []string{`1 text/calendar "BEGIN\r\n"`}},
		{"two parts", crlf("Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n\n--b--\nepi\n--b\n\nno part\n"),
			[]string{` multipart/mixed`, `1 text/plain "one"`, `2 text/html "two\r\n"`}},
		{"LF only", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n",
			[]string{` multipart/mixed`, `1 text/plain "one"`, `2 text/plain "two"`}},
		{"mixed line ends", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\n\none\n--b\r\n\r\ntwo\r\n--b--\n",
			[]string{` multipart/mixed`, `1 text/plain "one"`, `2 text/plain "two"`}},
		{"no close delimiter", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n"),
			[]string{` multipart/mixed`, `1 text/plain "one\r\n"`}},
		{"padding behind the boundary", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b \t\r\n\r\none\r\n--b-- \r\n",
			[]string{` multipart/mixed`, `1 text/plain "one"`}},
		{"delimiter ends the message", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--",
			[]string{` multipart/mixed`, `1 text/plain "one"`}},
		{"boundary that starts like another", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n"),
			[]string{` multipart/mixed`, `1 multipart/alternative`, `1.1 text/plain "one"`, `2 text/plain "two"`}},
		{"inner boundary is the outer one with dashes", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b--\n\n--b--\n\none\n--b----\n--b--\n"),
			[]string{` multipart/mixed`, `1 multipart/alternative`, `1.1 text/plain "one"`}},
		{"inner multipart not closed", crlf("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n"),
			[]string{` multipart/mixed`, `1 multipart/alternative`, `1.1 text/plain "one"`, `2 text/plain "two"`}},
		{"header ends at the delimiter", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b\n\ntwo\n--b--\n"),
			[]string{` multipart/mixed`, `1 text/html ""`, `2 text/plain "two"`}},
		{"empty body", crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--\n"),
			[]string{` multipart/mixed`, `1 text/plain ""`}},
		{"broken field before the type", crlf("From someone Mon\nno colon\n folded\n: nameless\nb\xc3\xa4d: x\nContent-Type: text/html\n\nx"),
			[]string{`1 text/html "x" doubt`}},
		{"folded type", crlf("Content-Type: multipart/mixed;\n\tboundary=\"a\n b\"\n\n--a b\n\none\n--a b--\n"),
			[]string{` multipart/mixed`, `1 text/plain "one"`}},
		{"no boundary parameter", crlf("Content-Type: multipart/mixed\n\n--b\n\none\n"),
			[]string{`1 multipart/mixed "--b\r\n\r\none\r\n"`}},
		{"signed", crlf("Content-Type: multipart/signed; boundary=b\n\n--b\nContent-Type: text/calendar\n\none\n--b--\n"),
			[]string{` multipart/signed sealed`, `1 text/calendar "one" sealed`}},
		{"signed inside", crlf("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/signed; boundary=b\n\n--b\n\none\n--b--\n--a\nContent-Type: text/calendar\n\ntwo\n--a--\n"),
			[]string{` multipart/mixed`, `1 multipart/signed sealed`, `1.1 text/plain "one" sealed`, `2 text/calendar "two"`}},
		{"enclosed message", crlf("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/calendar\n\none\n--b--\n--a\n\ntwo\n--a--\n"),
			[]string{` multipart/mixed`, `1 message/rfc822`, `1 multipart/mixed enclosed`, `1.1 text/calendar "one" enclosed`, `2 text/plain "two"`}},
		{"digest", crlf("Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: x\n\nbody\n--a--\n"),
			[]string{` multipart/digest`, `1 message/rfc822`, `1.1 text/plain "body" enclosed`}},
		{"two types", "Content-Type: text/calendar\r\nContent-Type: text/plain\r\n\r\nx", []string{`1 text/calendar "x" doubt`}},
		{"the same type twice", "Content-Type: text/calendar\r\nContent-Type: text/calendar\r\n\r\nx", []string{`1 text/calendar "x"`}},
		{"type is none", "Content-Type: nonsense; charset=x\r\n\r\nx", []string{`1 text/plain "x"`}},
		{"invalid UTF-8 in the type", "Content-Type: text/\xffCAL\xfe; name=\"\xff\"\r\n\r\nx", []string{"1 text/\xffcal\xfe \"x\""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outline(t, tt.mail)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestScanAcrossBlocks puts the second delimiter at every place around the
// border of the first block that is read.
func TestScanAcrossBlocks(t *testing.T) {
	const block = 128 << 10
	head := "Content-Type: multipart/mixed; boundary=\"=_border\"\r\n\r\n--=_border\r\n\r\n"
	lines := strings.Repeat("abcdefghi-\r\n", block/12)
	for shift := -60; shift < 60; shift++ {
		filler := lines[:block-len(head)-100] + strings.Repeat("x", 98+shift)
		mail := head + filler + "\r\n--=_border\r\nContent-Type: text/calendar\r\n\r\nBEGIN\r\n--=_border--\r\n"
		if at := strings.LastIndex(mail, "--=_border\r"); at != block+shift {
			t.Fatalf("the delimiter is at %d", at)
		}
		tree, err := mime.Scan(strings.NewReader(mail), mime.Limits{})
		if err != nil || len(tree.Parts) != 3 {
			t.Fatalf("shift %d: %d parts, %v", shift, len(tree.Parts), err)
		}
		if p := tree.Parts[1]; mail[p.Body.Start:p.Body.End] != filler {
			t.Fatalf("shift %d: wrong first body", shift)
		}
		if p := tree.Parts[2]; mail[p.Body.Start:p.Body.End] != "BEGIN" {
			t.Fatalf("shift %d: wrong second body", shift)
		}
	}
}

func TestScanLimits(t *testing.T) {
	nested := ""
	for i := range 60 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	const multi = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	tests := []struct {
		name, mail string
	}{
		{"depth", nested},
		{"messages in messages", strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 60)},
		{"parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n", 2001)},
		{"names", multi + strings.Repeat("--b\r\nContent-Type: x/y; name=\""+strings.Repeat("n", 1000)+"\"\r\n\r\n", 1100)},
		{"file names", multi + strings.Repeat("--b\r\nContent-Disposition: attachment; filename=\""+strings.Repeat("n", 500_000)+"\"\r\n\r\n", 3)},
		{"identifiers", multi + strings.Repeat("--b\r\nContent-ID: <"+strings.Repeat("n", 500_000)+">\r\n\r\n", 3)},
		{"encodings", multi + strings.Repeat("--b\r\nContent-Transfer-Encoding: "+strings.Repeat("n", 500_000)+"\r\n\r\n", 3)},
		{"parameters", multi + strings.Repeat("--b\r\nContent-Type: x/y"+strings.Repeat(";a=b", 64)+"\r\n\r\n", 1000)},
		{"header", "A: " + strings.Repeat("x", 2<<20) + "\r\n\r\n"},
		{"header of a part", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: " + strings.Repeat("x\r\n ", 1<<19)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := mime.Scan(strings.NewReader(tt.mail), mime.Limits{}); !errors.Is(err, mime.ErrLimit) {
				t.Errorf("got %v, want ErrLimit", err)
			}
		})
	}
	usual := "--b\r\nContent-Type: application/pdf; name=\"a report with a long name.pdf\"\r\nContent-Description: a report with a long name.pdf\r\n" +
		"Content-Disposition: attachment; filename=\"a report with a long name.pdf\"; size=12345;\r\n\tcreation-date=\"Tue, 10 Mar 2026 09:14:21 GMT\"\r\n" +
		"Content-ID: <0123456789@mail.example.com>\r\nContent-Transfer-Encoding: base64\r\nX-Other: " + strings.Repeat("x", 900) + "\r\n\r\nQUJD\r\n"
	if _, err := mime.Scan(strings.NewReader(multi+strings.Repeat(usual, 1900)), mime.Limits{}); err != nil {
		t.Errorf("usual parts: %v", err)
	}
}

// short is a source that ends before it said it would.
type short struct{ *strings.Reader }

func (s short) Size() int64 { return s.Reader.Size() + 10 }

func TestScanShortSource(t *testing.T) {
	if _, err := mime.Scan(short{strings.NewReader("A: b\r\n\r\n")}, mime.Limits{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestParams(t *testing.T) {
	tests := []struct{ field, name, want string }{
		{`text/calendar; method=REQUEST`, "method", "REQUEST"},
		{`text/calendar;;method=REQUEST;`, "method", "REQUEST"},
		{`text/calendar; METHOD = "REQUEST" ; x=y`, "method", "REQUEST"},
		{"text/calendar;\r\n\tcharset=\"utf-8\";\r\n\tmethod=REPLY", "method", "REPLY"},
		{`text/calendar; charset=utf-8 method=REPLY`, "method", "REPLY"},
		{`text/calendar; charset=utf-8 method=REPLY`, "charset", "utf-8"},
		{`text/calendar charset=utf-8; method=REPLY`, "method", "REPLY"},
		{`text/calendar (a; comment=x); method=REPLY (another)`, "method", "REPLY"},
		{`text/calendar; name=my file.ics; x=y`, "name", "my file.ics"},
		{`text/calendar; name="a\"b;c.ics"`, "name", `a"b;c.ics`},
		{`text/calendar; name="open`, "name", "open"},
		{`x/y; name*=utf-8'en'%C3%BC.ics`, "name", "ü.ics"},
		{`x/y; name*=iso-8859-1''%FC.ics`, "name", "ü.ics"},
		{`x/y; name*1=b.ics; name*0="a "`, "name", "a b.ics"},
		{`x/y; name*0*=utf-8''%C3; name*1*=%BC; name*2=.ics`, "name", "ü.ics"},
		{`x/y; name="=?utf-8?B?w7wuaWNz?="`, "name", "ü.ics"},
		{`x/y; name*=utf-8''%zz.ics`, "name", "%zz.ics"},
		{`x/y; a; b=; c=1`, "c", "1"},
		{`x/y; =1; c=1`, "c", "1"},
		{`x/y; c=1; c=2`, "c", "1"},
		{`x/y`, "c", ""},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			p := mime.ParsePart(mime.Header{Octets: []byte("Content-Type: " + tt.field + "\r\n")})
			if got := p.Params.Get(tt.name); got != tt.want {
				t.Errorf("%s is %q, want %q", tt.name, got, tt.want)
			}
		})
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: multipart/signed; boundary=\"a b\"\n\n--a b\nContent-Type: text/calendar;;method*0*=utf-8''%41\n\nx\n--a b--"))
	f.Add([]byte("Content-Type: multipart/digest; boundary=b--\r\n\r\n--b--\r\n\r\n--b\r\n--b----"))
	f.Add([]byte("\xef\xbb\xbfFrom x\r\nContent-Type: (c\\)multipart/mixed; boundary=\xff\r\n\r\n--\xff\r\n"))
	f.Fuzz(func(t *testing.T, mail []byte) {
		src := bytes.NewReader(mail)
		tree, err := mime.Scan(src, mime.Limits{})
		if err != nil {
			if !errors.Is(err, mime.ErrLimit) {
				t.Fatal(err)
			}
			return
		}
		at := int64(0)
		for i, p := range tree.Parts {
			if p.Header.Start < at || p.Header.End < p.Header.Start || p.Body.Start < p.Header.End || p.Body.End < p.Body.Start || p.Body.End > int64(len(mail)) {
				t.Fatalf("part %d: spans %v %v", i, p.Header, p.Body)
			}
			at = p.Body.Start
			if p.Parent != nil && (p.Header.Start < p.Parent.Body.Start || p.Body.End > p.Parent.Body.End) {
				t.Fatalf("part %d is not inside of its parent: %v, %v", i, p.Body, p.Parent.Body)
			}
			h, err := mime.ReadHeader(src, p)
			if err != nil {
				t.Fatal(err)
			}
			edit := mime.EditHeader(h, "\r\n")
			edit.SetParam("Content-Type", "method", "REQUEST")
			if p.WrittenType != "" {
				checkEdit(t, h, edit.Edits())
			}
			mime.Decode(src, p, tree.EOL, 1<<20)
		}
	})
}

// checkEdit reports whether a header section with the method set says so, and
// means the same otherwise.
func checkEdit(t *testing.T, h mime.Header, edits []mime.Edit) {
	t.Helper()
	for i := range edits {
		edits[i].Start -= h.Offset
		edits[i].End -= h.Offset
	}
	s, ok := mime.NewSplice(bytes.NewReader(h.Octets), edits)
	if !ok {
		t.Fatalf("edits overlap: %v in %q", edits, h.Octets)
	}
	var b bytes.Buffer
	if _, err := s.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	before, after := mime.ParsePart(mime.Header{Octets: h.Octets}), mime.ParsePart(mime.Header{Octets: b.Bytes()})
	if before.MediaType != after.MediaType {
		t.Errorf("media type %q became %q: %q", before.MediaType, after.MediaType, b.Bytes())
	}
}
