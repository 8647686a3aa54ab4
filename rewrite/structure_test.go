package rewrite

import (
	"bytes"
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// disordered is a mail whose calendar stands before the HTML.
func disordered(close string) string {
	return "From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\npreamble\r\n" +
		"--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + simple +
		"\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n" + close
}

func TestStructureKeepsWhatIsAround(t *testing.T) {
	src := disordered("\r\n--b--\r\nepilogue\r\n")
	res, err := Message(strings.NewReader(src), Options{Header: true, Strict: true})
	if err != nil || !res.Moved() {
		t.Fatal(err, res.Report)
	}
	var b bytes.Buffer
	if _, err := res.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, want := range []string{"preamble\r\n--b\r\nContent-Type: text/html", "\r\n--b--\r\nepilogue\r\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if !strings.HasPrefix(out, "X-Reconvene: ") || !strings.Contains(out, " alternative-order\r\n") {
		t.Errorf("no trace field in\n%s", out)
	}
	if res.Size() != int64(len(out)) || res.Held() <= 0 || res.Held() > int64(len(out)) {
		t.Errorf("size %d of %d, held %d", res.Size(), len(out), res.Held())
	}
}

// What is signed, doubtful or not delimited as it should be is not moved.
func TestStructureIsLeftAlone(t *testing.T) {
	for name, src := range map[string]string{
		"no close delimiter": disordered(""),
		"in order, cut off":  strings.Replace(disordered(""), "text/html", "image/png", 1),
		"dkim":               "DKIM-Signature: v=1\r\n" + disordered("\r\n--b--\r\n"),
		"two types":          strings.Replace(disordered("\r\n--b--\r\n"), "text/html\r\n", "text/html\r\nContent-Type: text/plain\r\n", 1),
		"no empty line":      strings.Replace(disordered("\r\n--b--\r\n"), "text/html\r\n", "image/png\r\n--b\r\nContent-Type: text/html\r\n", 1),
		"two line ends":      strings.Replace(disordered("\r\n--b--\r\n"), "Subject: x\r\n", "Subject: x\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Message(strings.NewReader(src), Options{Strict: true, Profile: remedy.Exchange2003})
			if err != nil || res.Moved() || len(res.Report.Skipped) == 0 {
				t.Errorf("moved %v, %+v, %v", res.Moved(), res.Report, err)
			}
			for _, f := range res.Report.Findings() {
				if f.Component == "message" && f.Applied {
					t.Error("reported as done: " + f.ID)
				}
			}
		})
	}
}

// The text of a proposal is written anew only where all of it can be read, and
// the copy of the calendar that some programs attach does not stand in the way.
func TestProposalTold(t *testing.T) {
	golden, err := os.ReadFile("../testdata/meetings/230-counter-told-to-exchange2003/in.eml")
	if err != nil {
		t.Fatal(err)
	}
	calendar := golden[bytes.Index(golden, []byte("BEGIN:VCALENDAR")):bytes.LastIndex(golden, []byte("\r\n--=_b1--"))]
	copied := strings.Replace(string(golden), "\r\n--=_b1--", "\r\n--=_b1\r\nContent-Type: application/ics; name=invite.ics\r\n"+
		"Content-Disposition: attachment; filename=invite.ics\r\n\r\n"+string(calendar)+"\r\n--=_b1--", 1)
	for name, tt := range map[string]struct {
		in   string
		told bool
		note string
	}{
		"as it is":         {string(golden), true, ""},
		"unknown charset":  {strings.Replace(string(golden), "iso-8859-1", "x-unknown", 1), false, "cannot be read"},
		"not what it says": {strings.Replace(string(golden), "iso-8859-1", "utf-8", 1), false, "cannot be read"},
		"an attached copy": {copied, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Message(strings.NewReader(tt.in), Options{Direction: remedy.Inbound, Profile: remedy.Exchange2003, Enable: []string{"counter-as-reply"}})
			if err != nil {
				t.Fatal(err)
			}
			if told := slices.Contains(res.Report.Applied(), "counter-as-reply"); told != tt.told {
				t.Errorf("told: %v", told)
			}
			i := slices.IndexFunc(res.Report.Findings(), func(f remedy.Finding) bool { return f.ID == "counter-as-reply" })
			if tt.note != "" && (i < 0 || !strings.Contains(res.Report.Findings()[i].Note, tt.note)) {
				t.Errorf("findings %+v", res.Report.Findings())
			}
			var out bytes.Buffer
			res.WriteTo(&out)
			if !tt.told && !strings.Contains(out.String(), "w=E4re mir lieber") {
				t.Errorf("the text was changed:\n%s", out.String())
			}
		})
	}
}

// A page gets the words as ASCII, so that all its other octets stay, whatever their
// character set and transfer encoding; what described them before goes.
func TestProposalInPage(t *testing.T) {
	golden, err := os.ReadFile("../testdata/meetings/231-counter-told-in-html/in.eml")
	if err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(golden, []byte("Content-Type: text/html"))
	end := start + bytes.Index(golden[start:], []byte("\r\n--=_b1"))
	const page = "<html><body lang=\"DE\"><p>Mittwoch w\xe4re mir lieber.</p></body></html>"
	for encoding, body := range map[string]string{
		"8bit":   page,
		"binary": page,
		"base64": base64.StdEncoding.EncodeToString([]byte(page)),
	} {
		t.Run(encoding, func(t *testing.T) {
			part := "Content-Type: text/html; charset=windows-1252\r\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body
			in := string(golden[:start]) + part + string(golden[end:])
			res, err := Message(strings.NewReader(in), Options{Direction: remedy.Inbound, Profile: remedy.Exchange2003, Enable: []string{"counter-as-reply"}, Strict: true})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			res.WriteTo(&out)
			tree, err := mime.Scan(bytes.NewReader(out.Bytes()), mime.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(tree.Parts, func(p *mime.Part) bool { return p.MediaType == "text/html" })
			got, err := mime.Decode(bytes.NewReader(out.Bytes()), tree.Parts[i], "\r\n", 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			before, after, _ := strings.Cut(page, "<p>Mittwoch")
			if s := string(got); !strings.HasPrefix(s, before) || !strings.HasSuffix(strings.TrimSpace(s), "<p>Mittwoch"+after) || !strings.Contains(s, "11.") {
				t.Errorf("the page became %q", s)
			}
			if strings.Contains(out.String(), "Content-MD5") {
				t.Error("Content-MD5 describes other octets now")
			}
		})
	}
}
