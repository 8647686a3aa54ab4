package convert

import (
	"bytes"
	"errors"
	"io"
	stdmime "mime"
	"net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// sameContent reports what a receiver would read differently after a conversion.
func sameContent(t *testing.T, before, after []byte, need Need) {
	t.Helper()
	if need.SevenBit && !mime.ASCII(after) {
		t.Errorf("there are octets above 127:\n%q", after)
	}
	a, errA := mime.Scan(newSource(before), mime.Limits{})
	b, errB := mime.Scan(newSource(after), mime.Limits{})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	sameParts(t, before, after, leaves(a), leaves(b))
	again, r, err := converted(after, need)
	if err != nil || r.Changed() {
		t.Errorf("a second time: %v\n%s", err, again)
	}
}

// leaves are the parts of a message; a message/global is one.
func leaves(tree *mime.Tree) (list []*mime.Part) {
	for _, p := range tree.Parts {
		if !insideGlobal(p) {
			list = append(list, p)
		}
	}
	return list
}

func sameParts(t *testing.T, before, after []byte, a, b []*mime.Part) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d parts became %d", len(a), len(b))
	}
	for i := range a {
		if a[i].MediaType != b[i].MediaType {
			t.Errorf("part %s: %s became %s", a[i].Path(), a[i].MediaType, b[i].MediaType)
		}
		sameFields(t, header(t, before, a[i]), header(t, after, b[i]))
		if a[i].IsMultipart() || i+1 < len(a) && a[i+1].Parent == a[i] {
			continue
		}
		x, errX := mime.Decode(newSource(before), a[i], "\r\n", 1<<30)
		y, errY := mime.Decode(newSource(after), b[i], "\r\n", 1<<30)
		if (errX == nil) != (errY == nil) || !bytes.Equal(x, y) {
			t.Errorf("part %s: %v, %v\n%.500q\n%.500q", a[i].Path(), errX, errY, x, y)
		}
	}
}

func header(t *testing.T, mail []byte, p *mime.Part) mime.Header {
	t.Helper()
	h, err := mime.ReadHeader(newSource(mail), p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// field is a field of a header.
type field struct{ name, body string }

// fields are those that are not about the encoding of the part.
func fields(h mime.Header) (list []field) {
	for f := range h.Fields() {
		switch strings.ToLower(string(f.Name)) {
		case "content-transfer-encoding", "mime-version":
		default:
			list = append(list, field{string(f.Name), string(f.Body)})
		}
	}
	return list
}

func sameFields(t *testing.T, before, after mime.Header) {
	t.Helper()
	a, b := fields(before), fields(after)
	if len(a) != len(b) {
		t.Fatalf("%d fields became %d", len(a), len(b))
	}
	for i := range a {
		if a[i].name != b[i].name {
			t.Errorf("field %s became %s", a[i].name, b[i].name)
		}
		if a[i].body == b[i].body {
			continue
		}
		if !isASCII(b[i].body) {
			t.Errorf("%s was changed and is not ASCII", b[i].name)
		}
		sameField(t, a[i], b[i])
	}
}

func sameField(t *testing.T, a, b field) {
	t.Helper()
	switch fieldForms[strings.ToLower(a.name)] {
	case formText:
		if x, y := decodeText(a.body), decodeText(b.body); x != y {
			t.Errorf("%s: %q became %q, which is read as %q instead of %q", a.name, a.body, b.body, y, x)
		}
	case formAddress:
		x, err := addresses(a.body)
		if err != nil {
			return // the standard library cannot read it
		}
		if y, err := addresses(b.body); err != nil || !reflect.DeepEqual(x, y) {
			t.Errorf("%s: %q became %q: %q, %q, %v", a.name, a.body, b.body, x, y, err)
		}
	case formParams:
		kind, x, err := stdmime.ParseMediaType(unfold(a.body))
		if err != nil || !utf8.ValidString(a.body) {
			return
		}
		if kind2, y, err := stdmime.ParseMediaType(unfold(b.body)); err != nil || kind != kind2 || !reflect.DeepEqual(x, y) {
			t.Errorf("%s: %q became %q: %q, %q, %v", a.name, a.body, b.body, x, y, err)
		}
	}
}

var decoder = stdmime.WordDecoder{CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil }}

// decodeText is what a text says: unfolded, with its encoded words decoded.
func decodeText(body string) string {
	text, err := decoder.DecodeHeader(unfold(strings.TrimRight(body, "\r\n")))
	if err != nil {
		return err.Error()
	}
	return strings.TrimLeft(text, " \t")
}

// addresses are the names and addresses of a list, with the A-labels of the domains.
func addresses(body string) (list []string, err error) {
	parser := mail.AddressParser{WordDecoder: &decoder}
	found, err := parser.ParseList(unfold(body))
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		local, domain, _ := strings.Cut(a.Address, "@")
		if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
			domain = ascii
		}
		list = append(list, a.Name+" <"+local+"@"+domain+">")
	}
	return list, nil
}

// FuzzMessage: whatever the message, it is refused, or says the same afterwards.
func FuzzMessage(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*/in.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range seeds {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for need := range uint8(8) {
			f.Add(b, need)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, bits uint8) {
		need := Need{SevenBit: bits&1 != 0, ASCIIHeader: bits&2 != 0, ShortLines: bits&4 != 0}
		out, r, err := converted(in, need)
		if err != nil {
			if refusal := (*Refusal)(nil); !errors.As(err, &refusal) {
				t.Fatal(err)
			}
			return
		}
		if !r.Changed() && !bytes.Equal(in, out) {
			t.Fatal("changed without saying so")
		}
		sameContent(t, in, out, need)
	})
}
