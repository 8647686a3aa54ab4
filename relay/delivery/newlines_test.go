package delivery

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
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
		if got := mayBeProtected(bytes.NewBufferString(s)); got != want {
			t.Errorf("%.40q: %v", s, got)
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
