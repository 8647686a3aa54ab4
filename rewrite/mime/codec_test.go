package mime_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/mime"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name, raw, encoding, eol, want string
		err                            error
	}{
		{"7bit", "a\r\nb", "7bit", "\r\n", "a\r\nb", nil},
		{"no encoding, bare LF kept", "a\nb", "", "\r\n", "a\nb", nil},
		{"8bit", "\xc3\xbc", "8bit", "\r\n", "\xc3\xbc", nil},
		{"stored with LF", "a\nb\r\nc", "7bit", "\n", "a\r\nb\r\nc", nil},
		{"base64", "QUJD\r\nREVG", "base64", "\r\n", "ABCDEF", nil},
		{"base64 with blanks", " QU JD\r\n\r\nRA==\r\n", "base64", "\r\n", "ABCD", nil},
		{"base64 without padding", "QUI", "base64", "\r\n", "AB", nil},
		{"base64 keeps the line ends of the data", "YQpi", "base64", "\n", "a\nb", nil},
		{"base64 with a footer", "QUJD\r\n-- footer!", "base64", "\r\n", "", mime.ErrDamaged},
		{"base64 behind the padding", "QQ==QUJD", "base64", "\r\n", "", mime.ErrDamaged},
		{"base64 cut", "QUJDR", "base64", "\r\n", "", mime.ErrDamaged},
		{"qp", "a=3Db=c3=BC", "quoted-printable", "\r\n", "a=b\xc3\xbc", nil},
		{"qp soft break", "a=\r\nb= \t\r\nc\r\n", "quoted-printable", "\r\n", "abc\r\n", nil},
		{"qp padding", "a \t\r\nb  ", "quoted-printable", "\r\n", "a\r\nb", nil},
		{"qp soft break at the end", "a=", "quoted-printable", "\r\n", "a", nil},
		{"qp stored with LF", "a=\nb\nc", "quoted-printable", "\n", "ab\r\nc", nil},
		{"qp that never was", "ROLE=REQ-PARTICIPANT", "quoted-printable", "\r\n", "", mime.ErrDamaged},
		{"qp cut", "a=4\r\nb", "quoted-printable", "\r\n", "", mime.ErrDamaged},
		{"unknown", "x", "x-uuencode", "\r\n", "", mime.ErrEncoding},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := mime.DecodeOctets([]byte(tt.raw), tt.encoding, tt.eol)
			if string(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestDecodeLimit(t *testing.T) {
	mail := "A: b\r\n\r\n" + strings.Repeat("x", 5000)
	tree, err := mime.Scan(strings.NewReader(mail), mime.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{100, 4999} {
		if _, err := mime.Decode(strings.NewReader(mail), tree.Root(), "\r\n", limit); !errors.Is(err, mime.ErrLimit) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	if _, err := mime.Decode(strings.NewReader(mail), tree.Root(), "\r\n", 5000); err != nil {
		t.Error(err)
	}
}

func TestChoose(t *testing.T) {
	long := strings.Repeat("x", 999)
	tests := []struct{ name, text, had, want string }{
		{"plain", "abc\r\n", "7bit", "7bit"},
		{"plain without a label", "abc\r\n", "", ""},
		{"plain with 8bit label", "abc\r\n", "8bit", "8bit"},
		{"umlaut", "a lot of plain text and \u00fc\r\n", "8bit", "quoted-printable"},
		{"umlaut without a label", "a lot of plain text and \u00fc\r\n", "", "quoted-printable"},
		{"mostly not ASCII", "\u4f1a\u8b70\r\n", "binary", "base64"},
		{"keeps base64", "abc", "base64", "base64"},
		{"keeps qp", "abc", "quoted-printable", "quoted-printable"},
		{"bare LF", "many letters\nand more\r\n", "7bit", "quoted-printable"},
		{"bare CR", "many letters\rand more\r\n", "7bit", "quoted-printable"},
		{"CR at the end", "many letters\r", "7bit", "quoted-printable"},
		{"998 octets", long[1:] + "\r\n", "7bit", "7bit"},
		{"999 octets", long + "\r\n", "7bit", "quoted-printable"},
		{"NUL", "many letters\x00\r\n", "7bit", "quoted-printable"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mime.Choose([]byte(tt.text), tt.had); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	tests := []struct {
		name, text, encoding, eol string
		trailing                  bool
		want                      string
	}{
		{"7bit", "a\r\nb", "7bit", "\r\n", true, "a\r\nb"},
		{"7bit in a file with LF", "a\r\nb", "7bit", "\n", true, "a\nb"},
		{"base64", strings.Repeat("a", 60), "base64", "\r\n", true, strings.Repeat("YWFh", 19) + "\r\nYWFh\r\n"},
		{"base64 without the last line end", "abc", "base64", "\r\n", false, "YWJj"},
		{"qp", "\u00fc=\r\n.\r\nFrom x\r\nblank \r\n", "quoted-printable", "\r\n", true, "=C3=BC=3D\r\n=2E\r\n=46rom x\r\nblank=20\r\n"},
		{"qp bare line ends", "a\nb\rc", "quoted-printable", "\r\n", true, "a=0Ab=0Dc"},
		{"qp exactly 76", strings.Repeat("a", 76) + "\r\n", "quoted-printable", "\r\n", true, strings.Repeat("a", 76) + "\r\n"},
		{"qp 77", strings.Repeat("a", 77), "quoted-printable", "\r\n", true, strings.Repeat("a", 75) + "=\r\naa"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(mime.Encode([]byte(tt.text), tt.encoding, tt.eol, tt.trailing)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzCodec(f *testing.F) {
	f.Add([]byte("BEGIN:VCALENDAR\r\nSUMMARY:\xc3\xbc = 1 \r\n.\r\nFrom x\r\n"), "a=3D=\r\nb \r\n")
	f.Add([]byte("\r\n\n\r"), "QUJD\r\nRA==")
	f.Fuzz(func(t *testing.T, text []byte, raw string) {
		for _, encoding := range []string{"quoted-printable", "base64"} {
			encoded := mime.Encode(text, encoding, "\r\n", true)
			if !mime.Plain(encoded) {
				t.Fatalf("%s is not plain: %q", encoding, encoded)
			}
			for _, line := range strings.Split(string(encoded), "\r\n") {
				if len(line) > 76 {
					t.Fatalf("%s has a line of %d octets", encoding, len(line))
				}
			}
			back, err := mime.DecodeOctets(encoded, encoding, "\r\n")
			if err != nil || !bytes.Equal(back, text) {
				t.Fatalf("%s: %q became %q, %v", encoding, text, back, err)
			}
			mime.DecodeOctets([]byte(raw), encoding, "\r\n")
		}
	})
}

func TestHeaderEdit(t *testing.T) {
	tests := []struct {
		name, header string
		edit         func(e *mime.HeaderEdit)
		want         string
	}{
		{"replace in place", "A: b\r\nContent-Type: text/calendar;\r\n\tMETHOD=\"request\"; x=y (c)\r\nB: c\r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "method", "REQUEST") },
			"A: b\r\nContent-Type: text/calendar;\r\n\tMETHOD=REQUEST; x=y (c)\r\nB: c\r\n"},
		{"append", "content-type: text/calendar\r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "charset", "utf-8") },
			"content-type: text/calendar; charset=utf-8\r\n"},
		{"append twice", "Content-Type: text/calendar\r\n",
			func(e *mime.HeaderEdit) {
				e.SetParam("Content-Type", "method", "REQUEST")
				e.SetParam("Content-Type", "charset", "utf-8")
			},
			"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n"},
		{"append behind a semicolon", "Content-Type: text/calendar; \r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "charset", "utf-8") },
			"Content-Type: text/calendar; charset=utf-8 \r\n"},
		{"append on a new line", "Content-Type: text/calendar; name=\"" + strings.Repeat("x", 50) + "\"\r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "charset", "utf-8") },
			"Content-Type: text/calendar; name=\"" + strings.Repeat("x", 50) + "\";\r\n\tcharset=utf-8\r\n"},
		{"sections become one", "Content-Type: text/calendar; method*0=RE; x=y; method*1=QUEST\r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "method", "CANCEL") },
			"Content-Type: text/calendar; method=CANCEL; x=y\r\n"},
		{"section in the way", "Content-Type: text/calendar; method*= \r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "method", "CANCEL") },
			"Content-Type: text/calendar; method=CANCEL \r\n"},
		{"delete", "Content-Type: text/calendar; a=1; component=VTODO; b=2\r\n",
			func(e *mime.HeaderEdit) { e.DelParam("Content-Type", "component") },
			"Content-Type: text/calendar; a=1; b=2\r\n"},
		{"quoted", "Content-Type: text/calendar\r\n",
			func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "name", "a b\".ics\n") },
			"Content-Type: text/calendar; name=\"a b\\\".ics?\"\r\n"},
		{"token", "Content-Transfer-Encoding:\r\n 8bit (raw)\r\n",
			func(e *mime.HeaderEdit) { e.SetToken("Content-Transfer-Encoding", "base64") },
			"Content-Transfer-Encoding:\r\n base64 (raw)\r\n"},
		{"token of a new field", "Content-Type: text/calendar\r\n",
			func(e *mime.HeaderEdit) { e.SetToken("Content-Transfer-Encoding", "base64") },
			"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n"},
		{"empty token", "Content-Transfer-Encoding:\r\n",
			func(e *mime.HeaderEdit) { e.SetToken("Content-Transfer-Encoding", "base64") },
			"Content-Transfer-Encoding: base64\r\n"},
		{"drop", "Content-MD5: x\r\n y\r\nA: b\r\ncontent-md5: z\r\n",
			func(e *mime.HeaderEdit) { e.Drop("content-md5") },
			"A: b\r\n"},
		{"no such field", "A: b\r\n", func(e *mime.HeaderEdit) { e.SetParam("Content-Type", "a", "b") }, "A: b\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := mime.EditHeader(mime.Header{Octets: []byte(tt.header)}, "\r\n")
			tt.edit(e)
			s, ok := mime.NewSplice(strings.NewReader(tt.header), e.Edits())
			var b bytes.Buffer
			if _, err := s.WriteTo(&b); err != nil || !ok || b.String() != tt.want {
				t.Errorf("got %q, want %q (%v, %v)", b.String(), tt.want, ok, err)
			}
		})
	}
}

// Decode tells of lines that are longer than their transfer encoding may have.
func TestLongLines(t *testing.T) {
	line := func(n int, end string) string { return strings.Repeat("A", n) + end }
	tests := []struct {
		encoding, body string
		want           bool
	}{
		{"base64", line(76, "\r\n") + line(76, "\r\n"), false},
		{"base64", line(998, "\r\n") + line(998, ""), false},
		{"base64", line(1000, "\r\n"), true},
		{"base64", line(76, "\r\n") + line(1000, "\r\n") + line(76, "\r\n"), true},
		{"base64", line(76, "\r\n") + line(1000, ""), true},
		{"base64", line(4000, ""), true},
		{"quoted-printable", line(76, "\r\n") + line(76, "\r\n"), false},
		{"quoted-printable", line(10, "\r\n") + line(77, "\r\n"), true},
		{"quoted-printable", line(77, ""), true},
		{"7bit", line(4000, ""), false},
	}
	for _, tt := range tests {
		p := &mime.Part{Encoding: tt.encoding, Body: mime.Span{Start: 0, End: int64(len(tt.body))}}
		if _, err := mime.Decode(strings.NewReader(tt.body), p, "\r\n", 1<<20); err != nil {
			t.Fatal(err)
		}
		if p.LongLines != tt.want {
			t.Errorf("%s, %d octets: %v", tt.encoding, len(tt.body), p.LongLines)
		}
	}
}
