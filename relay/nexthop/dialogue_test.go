package nexthop

import (
	"regexp"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// anyPort is replaced, since it differs from run to run.
var anyPort = regexp.MustCompile(`\[127\.0\.0\.\d+\]:\d+`)

// A dialogue has what was said about a recipient, in order, and nothing of the message.
func TestDialogue(t *testing.T) {
	for name, c := range map[string]struct {
		keywords []string
		answers  map[string]string
		want     string
	}{
		"refused after the message": {[]string{"PIPELINING"}, map[string]string{".": "554-5.6.0 first\r\n554 5.6.0 second"},
			"connected to hop.test HOST|it offers PIPELINING|> MAIL FROM:<boss@example.com>|< 250 2.1.0 sender ok|> RCPT TO:<you@x>|< 250 2.1.5 recipient ok|" +
				"> DATA|< 354 go ahead|> (the message)|< 554-5.6.0 first|< 554 5.6.0 second"},
		"one at a time": {nil, map[string]string{".": "451 4.3.0 later"},
			"connected to hop.test HOST|> MAIL FROM:<boss@example.com>|< 250 2.1.0 sender ok|> RCPT TO:<you@x>|< 250 2.1.5 recipient ok|" +
				"> DATA|< 354 go ahead|> (the message)|< 451 4.3.0 later"},
		"by chunks": {[]string{"CHUNKING", "PIPELINING"}, map[string]string{".": "451 4.3.0 later", "BDAT": "451 4.3.0 later"},
			"connected to hop.test HOST|it offers CHUNKING, PIPELINING|> MAIL FROM:<boss@example.com>|< 250 2.1.0 sender ok|> RCPT TO:<you@x>|< 250 2.1.5 recipient ok|" +
				"> (the message)|< 451 4.3.0 later"},
		"the recipient": {[]string{"PIPELINING"}, map[string]string{"RCPT TO:<you": "550 5.1.1 no such user"},
			"connected to hop.test HOST|it offers PIPELINING|> MAIL FROM:<boss@example.com>|< 250 2.1.0 sender ok|> RCPT TO:<you@x>|< 550 5.1.1 no such user|" +
				"> DATA|< 354 go ahead|> (the message)|< 250 2.6.0 <id@hop.test> queued"},
		"a lost connection": {[]string{"PIPELINING"}, map[string]string{"RCPT TO:<you": smtptest.Cut},
			"connected to hop.test HOST|it offers PIPELINING|> MAIL FROM:<boss@example.com>|< 250 2.1.0 sender ok|> RCPT TO:<you@x>|! unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords, p.On = c.keywords, script(c.answers) })
			h := newEngine(t, p)
			ctx, d := Record(t.Context())
			tx := h.Begin(h.route)
			defer tx.Abort()
			tx.Envelope(ctx, sender, to("other@x", "you@x"), true)
			tx.Deliver(ctx, smtptest.Text(smtptest.Note))
			got := anyPort.ReplaceAllString(strings.Join(d.Lines("you@x"), "|"), "HOST")
			if got != c.want {
				t.Errorf("\n%s\nwant\n%s", got, c.want)
			}
			if strings.Contains(got, "other@x") || strings.Contains(got, "hello") {
				t.Error("it has what it must not have")
			}
		})
	}
}

// Without Record nothing is kept, and nothing fails.
func TestNoDialogue(t *testing.T) {
	h := newEngine(t, smtptest.NewPeer(t, nil))
	tx := h.Begin(h.route)
	defer tx.Abort()
	tx.Envelope(t.Context(), sender, to("you@x"), false)
	if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() || tx.dialogue != nil {
		t.Errorf("%v, %v", v, tx.dialogue)
	}
	if lines := tx.dialogue.Lines("you@x"); lines != nil {
		t.Errorf("%q", lines)
	}
}

// The hosts that were tried before are there, and so is a connection that was open.
func TestDialogueOfSeveralHosts(t *testing.T) {
	first := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.On = script(map[string]string{"MAIL": "452 4.3.1 full"}) })
	h := newEngine(t, first, smtptest.NewPeer(t, nil))
	ctx, d := Record(t.Context())
	for range 2 {
		tx := h.Begin(h.route)
		tx.Envelope(ctx, sender, to("you@x"), true)
		tx.Deliver(ctx, smtptest.Text(smtptest.Note))
		tx.Abort()
	}
	got := strings.Join(d.Lines("you@x"), "|")
	if strings.Count(got, "connected to") != 2 || !strings.Contains(got, "< 452 4.3.1 full") || !strings.Contains(got, "used the open connection") {
		t.Errorf("%s", strings.ReplaceAll(got, "|", "\n"))
	}
}
