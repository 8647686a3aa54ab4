package relay

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestNewlineWriter(t *testing.T) {
	const head = "Subject: a\r\n\r\n"
	tests := []struct {
		in, want string
		changed  int
	}{
		{head + "a\r\nb\r\n", head + "a\r\nb\r\n", 0},
		{head + "a\nb\r\n", head + "a\r\nb\r\n", 1},
		{head + "a\rb\r\n", head + "a\r\nb\r\n", 1},
		{head + "a\r\r\nb\r\r\r\n", head + "a\r\nb\r\n", 2},
		{head + "a\n.\nQUIT\r", head + "a\r\n.\r\nQUIT\r\n", 3},
		{head + "\r\r", head + "\r\n\r\n", 2},
		{"Subject: a\nTo: b\n\na\rb", "Subject: a\r\nTo: b\r\n\r\na\r\nb", 4},
		{"Subject: a\r\r\nTo: b\r\n\r\n", "Subject: a\r\nTo: b\r\n\r\n", 1},
		{"Subject: a\rTo: b\r\n\r\n", "", 0},
		{"Subject: a\r", "", 0},
		{"", "", 0},
	}
	for _, tt := range tests {
		for _, piece := range []int{1, 2, len(tt.in) + 1} {
			var out bytes.Buffer
			w := newlineWriter{w: &out}
			var err error
			for at := 0; at < len(tt.in) && err == nil; at += piece {
				_, err = w.Write([]byte(tt.in[at:min(at+piece, len(tt.in))]))
			}
			if err == nil {
				err = w.finish()
			}
			if refused := tt.want == "" && tt.in != ""; refused != (err != nil) {
				t.Errorf("%q: %v", tt.in, err)
			} else if !refused && (out.String() != tt.want || w.changed != tt.changed || w.size != int64(len(tt.want))) {
				t.Errorf("%q in pieces of %d: %q, %d changed, %d octets", tt.in, piece, out.String(), w.changed, w.size)
			}
		}
	}
}

func TestMaySeal(t *testing.T) {
	for s, want := range map[string]bool{
		"Content-Type: Multipart/Signed; a=b": true, "Content-Type: application/x-PKCS7-mime": true, "\r\nDKIM-Signature: a": true,
		"x\n-----BEGIN PGP SIGNED MESSAGE-----\n": true, "ARC-Seal: i=1": true, "Content-Type: text/plain": false, "assigned pgp": false,
		strings.Repeat("x", 70000) + "application/pgp-signature": true,
	} {
		if got := maySeal(bytes.NewBufferString(s)); got != want {
			t.Errorf("%.40q: %v", s, got)
		}
	}
}

// With "convert" a mail with bare line ends arrives with proper ones, its dots
// stuffed; by chunks it goes as it is; what must not be changed is refused.
func TestConvertNewlines(t *testing.T) {
	const head = "From: a@x.example\r\n\r\n"
	tests := []struct{ name, in, want string }{
		{"clean", head + "a\r\n", head + "a\r\n"},
		{"LF", head + "a\nb\r\n", head + "a\r\nb\r\n"},
		{"CR", head + "a\rb\r\n", head + "a\r\nb\r\n"},
		{"end of data inside", head + "a\n.\nRSET\r\nb\r\n", head + "a\r\n.\r\nRSET\r\nb\r\n"},
		{"large", head + strings.Repeat("a\n", 150<<10) + "\r\n", head + strings.Repeat("a\r\n", 150<<10) + "\r\n"},
		{"CR in the header", "Subject: a\rTo: b\r\n\r\na\r\n", ""},
		{"NUL", head + "a\nb\x00\r\n", ""},
		{"S/MIME", "Content-Type: application/pkcs7-mime\r\n\r\na\nb\r\n", ""},
		{"DKIM", "DKIM-Signature: v=1\r\n\r\na\nb\r\n", ""},
	}
	for _, chunking := range []bool{false, true} {
		convert := func(cfg *config.Config) { cfg.Listeners[0].BareNewlines = "convert" }
		r, p := throughRelayWith(t, convert, func(p *smtptest.Peer) {
			if chunking {
				p.Keywords = append(p.Keywords, "CHUNKING")
			}
		})
		for _, tt := range tests {
			t.Run(fmt.Sprintf("chunking %v, %s", chunking, tt.name), func(t *testing.T) {
				c := r.hello("plain")
				before := len(p.Took())
				c.envelope()
				c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(tt.in), tt.in))
				want := tt.want
				if chunking {
					want = tt.in
				}
				if want == "" {
					c.expect("554 5.6.11")
					return
				}
				c.expect("250")
				if got := p.Took(); len(got) != before+1 || withoutReceived(got[before].Body) != want {
					t.Errorf("arrived: %.200q", fmt.Sprint(got[before:]))
				}
			})
		}
		if n := strings.Count(r.log.String(), "msg=newlines-converted"); !chunking && n != 4 || chunking && n != 0 {
			t.Errorf("chunking %v: %d lines in the log", chunking, n)
		}
	}
}

// FuzzNewlineWriter: however a message is cut into pieces, each line ends with CRLF
// then, nothing but line ends was changed, and a second time nothing is.
func FuzzNewlineWriter(f *testing.F) {
	for _, s := range []string{"Subject: a\r\n\r\na\nb\rc\r\n", "Subject: a\n\na\r\r\n.\n\r.\r", "a\r\r\n\r\n\r", "Subject: a\rTo: b\r\n\r\n", "\n\n\n", "\r\n\r\n\x00", "a: b\r\n c\n\n" + strings.Repeat("x\r", 9)} {
		f.Add([]byte(s), 1)
		f.Add([]byte(s), 3)
	}
	convert := func(in []byte, piece int) (out []byte, changed int, err error) {
		var b bytes.Buffer
		w := newlineWriter{w: &b}
		for at := 0; at < len(in) && err == nil; at += piece {
			_, err = w.Write(in[at:min(at+piece, len(in))])
		}
		if err == nil {
			err = w.finish()
		}
		if err == nil && w.size != int64(b.Len()) {
			err = fmt.Errorf("counted %d octets of %d", w.size, b.Len())
		}
		return b.Bytes(), w.changed, err
	}
	text := func(b []byte) []byte {
		return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r"), nil), []byte("\n"), nil)
	}
	f.Fuzz(func(t *testing.T, in []byte, piece int) {
		out, changed, err := convert(in, len(in)+1)
		again, _, err2 := convert(in, 1+int(uint(piece)%9))
		if (err == nil) != (err2 == nil) || err == nil && !bytes.Equal(out, again) {
			t.Fatalf("in pieces: %q, %v; whole: %q, %v", again, err2, out, err)
		}
		if err != nil {
			if err != errNUL && err != errHeaderCR {
				t.Error(err)
			}
			return
		}
		proper := bytes.ReplaceAll(out, []byte("\r\n"), nil)
		if bytes.ContainsAny(proper, "\r\n") || !bytes.Equal(text(in), text(out)) {
			t.Errorf("%q became %q", in, out)
		}
		if (changed == 0) != bytes.Equal(in, out) {
			t.Errorf("%d changes said: %q became %q", changed, in, out)
		}
		if twice, n, err := convert(out, len(out)+1); err != nil || n != 0 || !bytes.Equal(twice, out) {
			t.Errorf("a second time %q became %q, %v", out, twice, err)
		}
	})
}
