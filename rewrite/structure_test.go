package rewrite

import (
	"bytes"
	"strings"
	"testing"
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
		"dkim":               "DKIM-Signature: v=1\r\n" + disordered("\r\n--b--\r\n"),
		"two types":          strings.Replace(disordered("\r\n--b--\r\n"), "text/html\r\n", "text/html\r\nContent-Type: text/plain\r\n", 1),
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Message(strings.NewReader(src), Options{Strict: true})
			if err != nil || res.Moved() || len(res.Report.Skipped) == 0 {
				t.Errorf("moved %v, %+v, %v", res.Moved(), res.Report, err)
			}
			for _, f := range res.Report.Findings() {
				if f.ID == "alternative-order" && f.Applied {
					t.Error("reported as done")
				}
			}
		})
	}
}
