package dsn

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
)

// A report that cannot become a notification is refused before anything is written.
func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*Report){
		"null reverse-path":  func(r *Report) { r.Envelope.Path = "" },
		"no mailbox":         func(r *Report) { r.Envelope.Path = "anna" },
		"an injected line":   func(r *Report) { r.Envelope.Path = "a\r\nBcc: x@example.net" },
		"a long path":        func(r *Report) { r.Envelope.Path = strings.Repeat("a", 900) + "@example.com" },
		"no recipient":       func(r *Report) { r.Recipients = nil },
		"no ID":              func(r *Report) { r.ID = "" },
		"no name":            func(r *Report) { r.Hostname = "" },
		"unreadable message": func(r *Report) { r.Original = broken{} },
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			change(r)
			var b strings.Builder
			if _, err := Write(&b, r); err == nil || b.Len() > 0 {
				t.Errorf("error %v, %d octets written", err, b.Len())
			}
		})
	}
	r := sample()
	r.Envelope.Path = ""
	if _, err := Write(io.Discard, r); !errors.Is(err, ErrNullPath) {
		t.Errorf("%v is not ErrNullPath", err)
	}
}

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error) { return 0, errors.New("input/output error") }

// An error of the writer is returned, whenever it occurs.
func TestWriteError(t *testing.T) {
	whole, _ := written(t, sample())
	for n := range len(whole) {
		if _, err := Write(&limited{n}, sample()); err == nil {
			t.Fatalf("no error after %d of %d octets", n, len(whole))
		}
	}
	if _, err := Write(&limited{len(whole)}, sample()); err != nil {
		t.Error(err)
	}
}

// limited is a full disk.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		n := l.left
		l.left = 0
		return n, errors.New("no space left on device")
	}
	l.left -= len(p)
	return len(p), nil
}

func TestHeaderFields(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Report)
		want   string
	}{
		"a postmaster":            {func(r *Report) { r.Postmaster = "mail@example.com" }, "From: Mail Delivery System <mail@example.com>\r\n"},
		"dots in the local part":  {func(r *Report) { r.Envelope.Path = "a..b.@example.com" }, "To: <\"a..b.\"@example.com>\r\n"},
		"a quoted local part":     {func(r *Report) { r.Envelope.Path = `"a  b"@example.com` }, "To: <\"a  b\"@example.com>\r\n"},
		"no subject":              {func(r *Report) { r.Subject = "\t" }, "Subject: Not delivered: your message\r\n"},
		"a subject in UTF-8":      {func(r *Report) { r.Subject = "Büro" }, "Subject: =?utf-8?q?Not_delivered:_B=C3=BCro?=\r\n"},
		"an ID with other octets": {func(r *Report) { r.ID = "a<b>@c" }, "Message-ID: <a-b--c@smarthost.example.com>\r\n"},
		"the worst outcome": {func(r *Report) {
			r.Recipients = []Recipient{{Action: Relayed}, {Action: Delayed}, {Action: Delivered}}
		}, "Subject: Delayed: Canceled: Budget\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			c.change(r)
			if text, _ := written(t, r); !strings.Contains(text, "\r\n"+c.want) && !strings.HasPrefix(text, c.want) {
				t.Errorf("no %q in\n%s", c.want, text)
			}
		})
	}
}

// Folding a field and unfolding it gives the value again.
func TestFold(t *testing.T) {
	for _, value := range []string{"", "a", strings.Repeat("word ", 100) + "end", "a  b   c", strings.Repeat("x", 80) + " " + strings.Repeat("y", 80),
		strings.Repeat("a", 70) + "  " + strings.Repeat("b", 70)} {
		var f fields
		f.ascii("X", value)
		lines := strings.Split(strings.TrimSuffix(f.String(), "\r\n"), "\r\n")
		if got := strings.TrimPrefix(strings.Join(lines, ""), "X: "); got != value {
			t.Errorf("%q became %q", value, got)
		}
		for _, l := range lines {
			if strings.TrimSpace(l) == "" {
				t.Errorf("an empty line in %q", lines)
			}
		}
	}
}

// A verdict of our own names no server and has its own type of diagnostic.
func TestOurOwnVerdict(t *testing.T) {
	r := sample()
	r.Recipients[0].Verdict = envelope.Refuse(550, [3]int{5, 1, 2}, "partner.example does not exist")
	text, _ := written(t, r)
	got := readStandard(t, text)
	if strings.Contains(text, "Remote-MTA") || !strings.Contains(text, "Diagnostic-Code: x-reconvene; 5.1.2 partner.example does not exist\r\n") ||
		!strings.Contains(got.Text, "Reason: 5.1.2 partner.example does not exist") || !strings.Contains(got.Text, english.meaning[noDomain][:40]) {
		t.Error(text)
	}
}
