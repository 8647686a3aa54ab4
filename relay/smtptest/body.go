package smtptest

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Note is a small message with a line that begins with a dot.
const Note = "Subject: hello\r\n\r\nfirst\r\n.second\r\n"

// Text is a body in memory.
type Text string

func (s Text) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, string(s))
	return int64(n), err
}
func (s Text) Size() int64    { return int64(len(s)) }
func (s Text) EightBit() bool { return !envelope.IsASCII(string(s)) }

// Buffer collects what is written concurrently.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *Buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// SecretFile writes a file with a secret.
func SecretFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
