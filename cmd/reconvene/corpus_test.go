//go:build unix

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

// TestCorpusThroughTheRelay sends other people's mail through the real program,
// when it is at hand: none is lost, those without a calendar come out identical
// after our Received field, and the others are what the rewriter makes of them
// (whose own tests say that only the calendar part differs).
func TestCorpusThroughTheRelay(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "corpus", "eml")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpus is not there")
	}
	s := newSink(t, nil)
	p := startServe(t, nil, "--config", serveConfig(t, "", s.addr, "[rewrite]\nheader = false\n"))
	c := dialRaw(t, p.addr("exchange"))
	var changed, identical int
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		mail, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if mail = canonical(mail); len(mail) == 0 {
			return nil
		}
		c.deliver(t, path, mail)
		_, got := cutField(s.mail(t))
		want, err := rewrite.Message(bytes.NewReader(mail), rewrite.Options{
			Sender: "sender@example.com", Recipients: []string{"bob@example.net"}})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if !want.Changed() || !mentionsCalendar(mail) {
			identical++
			if got != string(mail) {
				t.Errorf("%s: %d octets came out as %d", path, len(mail), len(got))
			}
			return nil
		}
		changed++
		var b strings.Builder
		if _, err := want.WriteTo(&b); err != nil {
			return err
		}
		if got != b.String() {
			t.Errorf("%s: the relay sent something else than the rewriter made", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d mails identical, %d repaired", identical, changed)
	if identical == 0 || changed == 0 {
		t.Error("the corpus shows only half of it")
	}
}

// canonical ends all lines in CRLF, as they are on the wire: what the corpus
// says about line ends is its repositories' habit. An mbox separator is no part
// of a mail.
func canonical(mail []byte) []byte {
	if bytes.HasPrefix(mail, []byte("From ")) {
		if _, rest, ok := bytes.Cut(mail, []byte("\n")); ok {
			mail = rest
		}
	}
	mail = bytes.ReplaceAll(mail, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(mail, []byte("\n"), []byte("\r\n"))
}

// mentionsCalendar reports whether a repair is to be expected at all.
func mentionsCalendar(mail []byte) bool {
	lower := bytes.ToLower(mail)
	for _, word := range []string{"calendar", "ics", "ms-tnef", "winmail.dat"} {
		if bytes.Contains(lower, []byte(word)) {
			return true
		}
	}
	return false
}

// cutField parts our Received field from what follows.
func cutField(text string) (field, rest string) {
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' && (i+1 == len(text) || text[i+1] != ' ' && text[i+1] != '\t') {
			return text[:i+1], text[i+1:]
		}
	}
	return text, ""
}

// rawClient speaks SMTP without touching an octet of the message.
type rawClient struct {
	conn net.Conn
	r    *bufio.Reader
}

func dialRaw(t *testing.T, addr string) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &rawClient{conn: conn, r: bufio.NewReader(conn)}
	c.reply(t, "220")
	c.say(t, "EHLO corpus.example.com\r\n", "250")
	return c
}

// deliver sends the message by BDAT, which carries every octet.
func (c *rawClient) deliver(t *testing.T, name string, mail []byte) {
	t.Helper()
	c.say(t, "MAIL FROM:<sender@example.com> BODY=8BITMIME\r\n", "250")
	c.say(t, "RCPT TO:<bob@example.net>\r\n", "250")
	if _, err := fmt.Fprintf(c.conn, "BDAT %d LAST\r\n%s", len(mail), mail); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if line := c.reply(t, ""); !strings.HasPrefix(line, "250") {
		t.Fatalf("%s: %s", name, line)
	}
}

func (c *rawClient) say(t *testing.T, command, code string) {
	t.Helper()
	if _, err := c.conn.Write([]byte(command)); err != nil {
		t.Fatal(err)
	}
	c.reply(t, code)
}

// reply reads one reply and returns its last line.
func (c *rawClient) reply(t *testing.T, code string) string {
	t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if len(line) > 3 && line[3] == '-' {
			continue
		}
		if !strings.HasPrefix(line, code) {
			t.Fatalf("got %q, want %s", line, code)
		}
		return line
	}
}
