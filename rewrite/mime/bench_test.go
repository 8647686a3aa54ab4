package mime_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// attachment is a mail with one attachment of about that many octets, encoded.
func attachment(size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@example.com\r\nContent-Type: multipart/mixed; boundary=\"----=_NextPart_000_0001\"\r\n\r\n")
	b.WriteString("------=_NextPart_000_0001\r\nContent-Type: text/plain\r\n\r\nhello\r\n")
	b.WriteString("------=_NextPart_000_0001\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("reconvene"), 7))[:76] + "\r\n"
	for b.Len() < size {
		b.WriteString(line)
	}
	b.WriteString("------=_NextPart_000_0001--\r\n")
	return b.Bytes()
}

// manyParts is a mail with that many text parts full of dashes.
func manyParts(n int) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for i := range n {
		fmt.Fprintf(&b, "--b\r\nContent-Type: text/plain; charset=utf-8; name=p%d\r\n\r\n%s\r\n", i, strings.Repeat("-- a - b - c\r\n--------\r\n", 100))
	}
	b.WriteString("--b--\r\n")
	return b.Bytes()
}

func BenchmarkScan(b *testing.B) {
	plain := []byte("From: a@example.com\r\nSubject: x\r\n\r\n" + strings.Repeat("plain text - with dashes\r\n", 160))
	for _, bb := range []struct {
		name string
		mail []byte
	}{
		{"10MB", attachment(10 << 20)},
		{"100parts", manyParts(100)},
		{"4KB", plain},
		{"dashes", append([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), bytes.Repeat([]byte("-"), 1<<20)...)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			src := bytes.NewReader(bb.mail)
			b.SetBytes(int64(len(bb.mail)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := mime.Scan(src, mime.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
