package convert

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/mime"
)

var update = flag.Bool("update", false, "write want.eml anew")

// source is a message in memory.
type source struct{ *bytes.Reader }

func newSource(b []byte) source { return source{bytes.NewReader(b)} }

func (s source) Size() int64 { return s.Reader.Size() }

func needOf(words string) Need {
	return Need{SevenBit: strings.Contains(words, "7bit"), ASCIIHeader: strings.Contains(words, "ascii"), ShortLines: strings.Contains(words, "short")}
}

// converted returns the new form of a message.
func converted(in []byte, need Need) ([]byte, *Result, error) {
	r, err := Message(newSource(in), need)
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	n, err := r.WriteTo(&out)
	if err == nil && n != int64(out.Len()) {
		err = errors.New("the count of octets is wrong")
	}
	return out.Bytes(), r, err
}

// Each folder of testdata has a message, what becomes of it, and in readme the reason.
func TestGolden(t *testing.T) {
	folders, err := filepath.Glob("testdata/[0-9]*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no messages", err)
	}
	for _, dir := range folders {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			in := read(t, filepath.Join(dir, "in.eml"))
			_, words, _ := strings.Cut(string(read(t, filepath.Join(dir, "readme"))), "\nneed: ")
			need := needOf(words)
			got, r, err := converted(in, need)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "want.eml")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := read(t, file); !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if r.Changed() == bytes.Equal(in, got) || r.Changed() != (len(r.Changes) > 0) {
				t.Errorf("changed: %v, %v", r.Changed(), r.Changes)
			}
			sameContent(t, in, got, need)
		})
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is not converted, and what the sender is told.
func TestRefusals(t *testing.T) {
	const head = "From: a@example.com\r\nMIME-Version: 1.0\r\n"
	const eight = "Content-Transfer-Encoding: 8bit\r\n\r\ngr\xc3\xb6\xc3\x9fer\r\n"
	multipart := func(kind, parts string) string {
		return head + "Content-Type: multipart/" + kind + "; boundary=b\r\n\r\n" + parts + "--b--\r\n"
	}
	for _, tt := range []struct {
		name, need, mail string
		enhanced         [3]int
		want             string
	}{
		{"S/MIME", "7bit", multipart("signed", "--b\r\n"+eight+"--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n"), [3]int{5, 6, 2}, "signed or encrypted (multipart/signed)"},
		{"S/MIME, opaque", "7bit", head + "Content-Type: application/pkcs7-mime\r\n" + eight, [3]int{5, 6, 2}, "signed or encrypted (application/pkcs7-mime)"},
		{"PGP in the text", "7bit", head + eight + "-----BEGIN PGP SIGNATURE-----\r\n", [3]int{5, 6, 2}, "PGP"},
		{"detached signature", "7bit", multipart("mixed", "--b\r\n"+eight+"--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n"), [3]int{5, 6, 2}, "part 2"},
		{"header in a signed part", "7bit", multipart("signed", "--b\r\nSubject: \xc3\xb6\r\n\r\nx\r\n--b\r\n\r\nx\r\n"), [3]int{5, 6, 2}, "header of part 1"},
		{"report", "7bit", multipart("report", "--b\r\nContent-Type: message/delivery-status\r\n"+eight), [3]int{5, 6, 3}, "must not be encoded"},
		{"two encodings", "7bit", head + "Content-Transfer-Encoding: base64\r\n" + eight, [3]int{5, 6, 3}, "two different"},
		{"unknown encoding", "7bit", head + "Content-Transfer-Encoding: x-uuencode\r\n\r\n\xc3\xb6\r\n", [3]int{5, 6, 3}, `"x-uuencode"`},
		{"base64 with raw octets", "7bit", head + "Content-Transfer-Encoding: base64\r\n\r\nAAAA\xc3\xb6\r\n", [3]int{5, 6, 3}, "has 8-bit octets"},
		{"damaged quoted-printable", "7bit", head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=XY\xc3\xb6\r\n", [3]int{5, 6, 3}, "cannot be decoded"},
		{"multipart without parts", "7bit", head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n\xc3\xb6\r\n", [3]int{5, 6, 3}, "without parts"},
		{"multipart without boundary", "7bit", head + "Content-Type: multipart/mixed\r\n\r\n\xc3\xb6\r\n", [3]int{5, 6, 3}, "must not be encoded"},
		{"too many parts", "7bit", multipart("mixed", strings.Repeat("--b\r\n\r\nx\r\n", 2001)+"--b\r\n"+eight), [3]int{5, 6, 3}, "more than 2000 parts"},
		{"local part", "ascii", "From: j\xc3\xbcrgen@example.com\r\n\r\nx\r\n", [3]int{5, 6, 7}, "From has an address whose local part is not ASCII: j\xc3\xbcrgen@example.com"},
		{"local part in brackets", "ascii", "To: x <j\xc3\xbcrgen@example.com>\r\n\r\nx\r\n", [3]int{5, 6, 7}, "local part"},
		{"quoted local part", "ascii", "To: \"j\xc3\xbcrgen\"@example.com\r\n\r\nx\r\n", [3]int{5, 6, 7}, "local part"},
		{"domain", "ascii", "To: x@\xff.example\r\n\r\nx\r\n", [3]int{5, 6, 7}, "no form in ASCII"},
		{"open bracket", "ascii", "To: \xc3\xb6 <a@example.com\r\n\r\nx\r\n", [3]int{5, 6, 7}, "not closed"},
		{"nested comment", "ascii", "To: ((\xc3\xb6)) a@example.com\r\n\r\nx\r\n", [3]int{5, 6, 7}, "comment"},
		{"Message-ID", "ascii", "Message-ID: <\xc3\xb6@example.com>\r\n\r\nx\r\n", [3]int{5, 6, 7}, "Message-ID"},
		{"boundary", "7bit", head + "Content-Type: multipart/mixed; boundary=\"\xc3\xb6\"\r\n\r\n--\xc3\xb6--\r\n", [3]int{5, 6, 7}, "boundary"},
		{"media type", "7bit", head + "Content-Type: text/\xc3\xb6\r\n\r\n", [3]int{5, 6, 7}, "outside of its parameters"},
		{"no field", "7bit", "From: a@example.com\r\nJ\xc3\xbcrgen wrote\r\n\r\nx\r\n", [3]int{5, 6, 7}, "not a field"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, _, err := converted([]byte(tt.mail), needOf(tt.need))
			var r *Refusal
			if !errors.As(err, &r) {
				t.Fatalf("%v:\n%s", err, out)
			}
			if r.Enhanced != tt.enhanced || !strings.Contains(r.Text, tt.want) {
				t.Errorf("%v %s", r.Enhanced, r.Text)
			}
		})
	}
}

// Long lines that cannot be encoded stay: the next hop decides.
func TestLongLinesThatStay(t *testing.T) {
	long := strings.Repeat("x", 1200) + "\r\n"
	for name, mail := range map[string]string{
		"signed":  "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n" + long + "--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n",
		"message": "Content-Type: message/delivery-status\r\n\r\n" + long,
		"header":  "Subject: " + long + "\r\nx\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			out, r, err := converted([]byte(mail), Need{SevenBit: true, ASCIIHeader: true, ShortLines: true})
			if err != nil || r.Changed() || string(out) != mail {
				t.Errorf("%v, %v", err, r)
			}
		})
	}
}

// The meetings of the rewriter's tests keep every decoded octet.
func TestMeetings(t *testing.T) {
	mails, err := filepath.Glob("../../testdata/meetings/*/*.eml")
	if err != nil || len(mails) < 100 {
		t.Fatal("no meetings", err)
	}
	changed := 0
	for _, file := range mails {
		in := read(t, file)
		if !bytes.Contains(in, []byte("\r\n\r\n")) {
			continue // in the form of a disk: not what is converted
		}
		need := Need{SevenBit: true, ASCIIHeader: true, ShortLines: true}
		out, r, err := converted(in, need)
		if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if r.Changed() {
			changed++
		}
		sameContent(t, in, out, need)
		if t.Failed() {
			t.Fatalf("%s:\n%s", file, out)
		}
	}
	if changed < 10 {
		t.Errorf("only %d of %d were converted", changed, len(mails))
	}
}

// Large bodies are converted in pieces.
func TestLarge(t *testing.T) {
	for name, body := range map[string]string{
		"lines":     strings.Repeat("gr\xc3\xb6\xc3\x9fer als das \r\n", 50_000),
		"bare LF":   strings.Repeat("gr\xc3\xb6\xc3\x9fer\n", 50_000),
		"no lines":  strings.Repeat("gr\xc3\xb6\xc3\x9fer ", 50_000),
		"binary":    strings.Repeat("\xff\x00\x01", 300_001),
		"CR at end": strings.Repeat("x", encodeBlock-1) + "\r\n\xc3\xb6",
	} {
		t.Run(name, func(t *testing.T) {
			in := []byte("From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + body)
			out, _, err := converted(in, Need{SevenBit: true})
			if err != nil {
				t.Fatal(err)
			}
			sameContent(t, in, out, Need{SevenBit: true})
			for line := range bytes.Lines(out) {
				if len(line) > 78 {
					t.Fatalf("a line of %d octets", len(line))
				}
			}
		})
	}
}

// The time for a header grows with its length, and not with the square of it.
func TestLargeHeader(t *testing.T) {
	for _, field := range []string{
		"Subject: " + strings.Repeat("\xc3\xb6 ", 250_000) + "\r\n",
		"To: " + strings.Repeat("\xc3\xb6 <a@b.example>,", 55_000) + " c@d.example\r\n",
		"To: " + strings.Repeat("\xc3\xb6 ", 250_000) + "<a@b.example>\r\n",
		"Content-Type: text/plain" + strings.Repeat("; a=\"\xc3\xb6\"", 60) + "; b=\"" + strings.Repeat("\xc3\xb6", 200_000) + "\"\r\n",
		"Received: " + strings.Repeat("\n for <\xc3\xb6", 80_000) + "\r\n",
	} {
		out, _, err := converted([]byte("From: a@example.com\r\n"+field+"\r\nx\r\n"), Need{ASCIIHeader: true, SevenBit: true})
		if err != nil || !mime.ASCII(out) {
			t.Errorf("%.40q: %v", field, err)
		}
	}
}

// A source that fails is an error, not a refusal.
func TestFailingSource(t *testing.T) {
	in := []byte("From: a@example.com\r\n\r\n" + strings.Repeat("gr\xc3\xb6\xc3\x9fer\r\n", 1000))
	for from := range 30 {
		src := failingSource{newSource(in), int64(from * 300)}
		r, err := Message(src, Need{SevenBit: true})
		if err == nil {
			_, err = r.WriteTo(&bytes.Buffer{})
		}
		if refusal := (*Refusal)(nil); err == nil || errors.As(err, &refusal) {
			t.Errorf("broken at %d: %v", src.at, err)
		}
	}
}

type failingSource struct {
	source
	at int64
}

func (f failingSource) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.at {
		return 0, errors.New("disk")
	}
	return f.source.ReadAt(b, off)
}

var _ mime.Source = source{}
