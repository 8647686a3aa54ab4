package nexthop

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// script answers the lines that begin with one of the keys, which may be lists.
func script(answers map[string]string) func(*smtptest.Session, string) string {
	return func(_ *smtptest.Session, line string) string {
		for prefix, reply := range answers {
			for _, prefix := range strings.Split(prefix, ", ") {
				if prefix != "" && strings.HasPrefix(line, prefix) || prefix == line {
					return reply
				}
			}
		}
		return ""
	}
}

// Whatever breaks at whatever step, the client hears 451 and who and where;
// nothing is ever taken for a success.
func TestNextHopBreaks(t *testing.T) {
	large := strings.Repeat("a line of text that is not short\r\n", 30000)
	for _, tt := range []struct {
		name, at, answer, body string
		enhanced               [3]int
		words                  string
	}{
		{"cut at greeting", "", smtptest.Cut, smtptest.Note, [3]int{4, 4, 2}, "greeting: "},
		{"greeting 4xx", "", "421 4.3.2 too busy", smtptest.Note, [3]int{4, 4, 1}, "greeting: 421 4.3.2 too busy"},
		{"greeting 5xx", "", "554 5.7.1 go away", smtptest.Note, [3]int{4, 4, 1}, "greeting: 554 5.7.1 go away"},
		{"greeting garbage", "", "SSH-2.0-OpenSSH_9.2", smtptest.Note, [3]int{4, 4, 2}, "malformed reply"},
		{"cut at EHLO", "EHLO", smtptest.Cut, smtptest.Note, [3]int{4, 4, 2}, "ehlo: "},
		{"EHLO 4xx", "EHLO", "421 4.3.2 later", smtptest.Note, [3]int{4, 4, 1}, "later"},
		{"EHLO and HELO refused", "EHLO, HELO", "550 b", smtptest.Note, [3]int{4, 4, 1}, "ehlo: 550 b"},
		{"EHLO answered before it was sent", "", "220 x\r\n250 a", smtptest.Note, [3]int{4, 4, 2}, "ehlo: replies out of step: unexpected 250 a"},
		{"cut at MAIL", "MAIL", smtptest.Cut, smtptest.Note, [3]int{4, 4, 2}, "closed the connection at MAIL"},
		{"reset at MAIL", "MAIL", smtptest.Reset, smtptest.Note, [3]int{4, 4, 2}, "at MAIL"},
		{"421 at MAIL", "MAIL", "421 4.3.2 going down", smtptest.Note, [3]int{4, 3, 2}, "going down"},
		{"354 at MAIL", "MAIL", "354 go", smtptest.Note, [3]int{4, 5, 0}, "malformed reply: 354"},
		{"cut at RCPT", "RCPT", smtptest.Cut, smtptest.Note, [3]int{4, 4, 2}, "closed the connection at RCPT"},
		{"421 at RCPT", "RCPT", "421 4.3.2 going down", smtptest.Note, [3]int{4, 3, 2}, "going down"},
		{"code out of range", "RCPT", "999 what", smtptest.Note, [3]int{4, 5, 0}, "code 999"},
		{"codes differ", "RCPT", "250-a\r\n550 b", smtptest.Note, [3]int{4, 5, 0}, "code 550 continues 250"},
		{"cut at DATA", "DATA", smtptest.Cut, smtptest.Note, [3]int{4, 4, 2}, "closed the connection at DATA"},
		{"250 at DATA", "DATA", "250 ok", smtptest.Note, [3]int{4, 5, 0}, "malformed reply: 250"},
		{"421 at DATA", "DATA", "421 4.3.2 going down", smtptest.Note, [3]int{4, 3, 2}, "going down"},
		{"cut in the body", "body", smtptest.Cut, large, [3]int{4, 4, 2}, "at the message"},
		{"reset in the body", "body", smtptest.Reset, large, [3]int{4, 4, 2}, "at the message"},
		{"421 in the body", "body", "421 4.3.2 disk", large, [3]int{4, 3, 2}, "disk"},
		{"250 behind 354", "DATA", "354 go\r\n250 2.0.0 ok", smtptest.Note, [3]int{4, 5, 0}, "unexpected 250"},
		{"cut after the dot", ".", smtptest.Cut, smtptest.Note, [3]int{4, 4, 2}, "RFC 1047"},
		{"reset after the dot", ".", smtptest.Reset, large, [3]int{4, 4, 2}, "RFC 1047"},
		{"garbage after the dot", ".", "2", smtptest.Note, [3]int{4, 5, 0}, "RFC 1047"},
		{"354 after the dot", ".", "354 more", smtptest.Note, [3]int{4, 5, 0}, "malformed reply: 354"},
		{"421 after the dot", ".", "421 4.3.2 going down", smtptest.Note, [3]int{4, 3, 2}, "going down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.On = script(map[string]string{tt.at: tt.answer})
			})
			h := newEngine(t, p)
			v := h.mail(tt.body)
			wantVerdict(t, v, 451, tt.enhanced, tt.words)
			if last := v.Text[len(v.Text)-1]; last == "" {
				t.Error("no reason in the last line")
			}
			if took := p.Took(); len(took) > 0 && tt.at != "." {
				t.Errorf("took %d messages", len(took))
			}
			h.pool.mu.Lock()
			defer h.pool.mu.Unlock()
			if len(h.pool.idle) > 0 {
				t.Error("the connection was kept")
			}
		})
	}
}

// An early 5xx is the verdict, and the rest of the body need not be sent.
func TestEarlyRefusal(t *testing.T) {
	body := bytes.Repeat([]byte("a line of text that is not short\r\n"), 1<<20)
	for _, keyword := range []string{"CHUNKING", "8BITMIME"} {
		t.Run(keyword, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Keywords = []string{"PIPELINING", keyword}
				p.On = func(s *smtptest.Session, line string) string {
					if line == "body" || strings.HasPrefix(line, "BDAT") {
						s.Say("552 5.3.4 too much of it")
						return smtptest.Stall
					}
					return ""
				}
			})
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			tx.Envelope(t.Context(), sender, to("you@x"), true)
			v := tx.Deliver(t.Context(), pieces{body: body})
			wantVerdict(t, v, 552, [3]int{5, 3, 4}, "too much of it")
			if v.Remote == "" {
				t.Error("whose words?")
			}
		})
	}
}

// A server that is content before it has the message has not understood it.
func TestEarlySuccessIsNotBelieved(t *testing.T) {
	body := bytes.Repeat([]byte("a line of text that is not short\r\n"), 1<<20)
	for _, keyword := range []string{"CHUNKING", "8BITMIME"} {
		t.Run(keyword, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Keywords = []string{"PIPELINING", keyword}
				p.On = func(s *smtptest.Session, line string) string {
					if line == "body" || strings.HasPrefix(line, "BDAT") {
						io.CopyN(io.Discard, s.Reader, 1<<20)
						s.Say("250 2.0.0 queued")
						return smtptest.Stall
					}
					return ""
				}
			})
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			tx.Envelope(t.Context(), sender, to("you@x"), true)
			wantVerdict(t, tx.Deliver(t.Context(), pieces{body: body}), 451, [3]int{4, 5, 0}, "before the end of the message")
		})
	}
}

// Each wait has its end.
func TestNextHopStalls(t *testing.T) {
	large := strings.Repeat("a line of text that is not short\r\n", 1<<14)
	for _, tt := range []struct {
		name, at string
		set      func(*timeouts)
		chunking bool
		body     string
		words    string
	}{
		{"greeting", "", func(w *timeouts) { w.greeting = 1 }, false, smtptest.Note, "greeting: "},
		{"EHLO", "EHLO", func(w *timeouts) { w.command = 1 }, false, smtptest.Note, "ehlo: "},
		{"MAIL", "MAIL", nil, false, smtptest.Note, "did not reply at MAIL in time"},
		{"DATA", "DATA", func(w *timeouts) { w.data = 1 }, false, smtptest.Note, "did not reply at DATA in time"},
		{"block", "body", nil, false, large, "at the message"},
		{"chunk", "BDAT", nil, true, large, "at the message"},
		{"end of data", ".", func(w *timeouts) { w.final = 1 }, false, smtptest.Note, "RFC 1047"},
		{"end of a large message", ".", func(w *timeouts) { w.final = 1 }, false, large, "RFC 1047"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Network = &smtptest.Network{} // its buffers are smaller than a large message
				if tt.chunking {
					p.Keywords = append(p.Keywords, "CHUNKING")
				}
				p.On = func(s *smtptest.Session, line string) string {
					if tt.at == "" && line == "" || tt.at != "" && strings.HasPrefix(line, tt.at) {
						if line == "body" || strings.HasPrefix(line, "BDAT") {
							<-s.Quit // reads nothing
							return smtptest.Cut
						}
						return smtptest.Stall
					}
					return ""
				}
			})
			h := newEngine(t, p)
			if tt.set != nil {
				tt.set(&h.wait)
				wantVerdict(t, h.mail(tt.body), 451, [3]int{4, 4, 2}, tt.words)
				return
			}
			// All before the step has its time; then there is none left.
			tx := h.Begin(h.route)
			defer tx.Abort()
			if tt.at != "MAIL" {
				tx.Envelope(t.Context(), sender, to("you@x"), true)
				tx.c.wait.block = 1
				wantVerdict(t, tx.Deliver(t.Context(), smtptest.Text(tt.body)), 451, [3]int{4, 4, 2}, tt.words)
				return
			}
			tx.begin(t.Context(), sender, &search{n: h.Engine, route: h.route})
			tx.c.wait.command = 1
			wantVerdict(t, tx.Envelope(t.Context(), sender, to("you@x"), true)[0], 451, [3]int{4, 4, 2}, tt.words)
		})
	}
}

// A client that goes away ends every wait.
func TestContextEndsEveryWait(t *testing.T) {
	large := strings.Repeat("a line of text that is not short\r\n", 1<<14)
	for _, at := range []string{"", "EHLO", "MAIL", "RCPT", "DATA", "body", ".", "BDAT"} {
		t.Run("at "+at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
				p.Network = &smtptest.Network{} // its buffers are smaller than a large message
				if at == "BDAT" {
					p.Keywords = append(p.Keywords, "CHUNKING")
				}
				p.On = func(s *smtptest.Session, line string) string {
					if at == "" && line == "" || at != "" && strings.HasPrefix(line, at) {
						cancel()
						<-s.Quit
						return smtptest.Cut
					}
					return ""
				}
			})
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			defer tx.Abort()
			v := tx.Envelope(ctx, sender, to("you@x"), true)[0]
			if v.OK() {
				v = tx.Deliver(ctx, smtptest.Text(large))
			}
			if v.Code != 451 || !errors.Is(v.Cause, context.Canceled) {
				t.Errorf("verdict %v, cause %v", v, v.Cause)
			}
			if len(p.Took()) > 0 {
				t.Error("the message was taken")
			}
		})
	}
}

// Endless replies end.
func TestEndlessReplies(t *testing.T) {
	for _, tt := range []struct{ name, line string }{
		{"lines", "250-and so on\r\n"},
		{"a line", "x"},
		{"empty lines", "250-\r\n"},
	} {
		for _, at := range []string{"", "EHLO", "RCPT", "."} {
			t.Run(tt.name+" at "+at, func(t *testing.T) {
				p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
					p.On = func(s *smtptest.Session, line string) string {
						if at == "" && line == "" || at != "" && strings.HasPrefix(line, at) {
							io.WriteString(s.Conn, "250-first\r\n250-")
							for {
								if _, err := io.WriteString(s.Conn, strings.Repeat(tt.line, 100)); err != nil {
									return smtptest.Cut
								}
							}
						}
						return ""
					}
				})
				h := newEngine(t, p)
				v := h.mail(smtptest.Note)
				if v.Code != 451 || !strings.Contains(v.Error(), "malformed reply") {
					t.Errorf("verdict %v", v)
				}
			})
		}
	}
}

// DATA was answered and the client disconnected: only closing is safe. Without
// DATA the connection is of use again, after an RSET that costs nothing.
func TestAbort(t *testing.T) {
	for _, tt := range []struct {
		name     string
		keywords []string
		data     bool
		conns    int
		heard    string
	}{
		{"after DATA", []string{"PIPELINING"}, true, 2, "EHLO MAIL RCPT DATA EHLO MAIL RCPT DATA"},
		{"before DATA", []string{"PIPELINING"}, false, 1, "EHLO MAIL RCPT RSET MAIL RCPT DATA"},
		{"chunking", []string{"PIPELINING", "CHUNKING"}, true, 1, "EHLO MAIL RCPT RSET MAIL RCPT BDAT"},
		{"one by one", nil, true, 2, "EHLO MAIL RCPT QUIT EHLO MAIL RCPT DATA"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Keywords = append([]string{"8BITMIME"}, tt.keywords...) })
			h := newEngine(t, p)
			tx := h.Begin(h.route)
			tx.Abort() // before anything: nothing
			tx = h.Begin(h.route)
			if v := tx.Envelope(t.Context(), sender, to("lost@x"), tt.data); !v[0].OK() {
				t.Fatal(v)
			}
			tx.Abort()
			tx.Abort()
			h.mustMail(smtptest.Note)
			if p.Count() != tt.conns {
				t.Errorf("%d connections, want %d", p.Count(), tt.conns)
			}
			if got := p.Took(); len(got) != 1 || got[0].Body != smtptest.Note || len(got[0].To) != 1 || !strings.Contains(got[0].To[0], "you@") {
				t.Errorf("took %+v", got)
			}
			var verbs []string
			for _, line := range p.Heard() {
				verb, _, _ := strings.Cut(line, " ")
				if verb == "QUIT" && tt.name != "one by one" {
					continue
				}
				verbs = append(verbs, verb)
			}
			if got := strings.Join(verbs, " "); got != tt.heard && tt.name != "one by one" {
				t.Errorf("heard %s\nwant  %s", got, tt.heard)
			}
		})
	}
}

// A great many recipients in one batch: neither side may wait for the other.
func TestManyRecipients(t *testing.T) {
	const n = 20000
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			if strings.HasPrefix(line, "RCPT") {
				s.Msg.To = append(s.Msg.To, line)
				return "250 2.1.5 " + strings.Repeat("long winded ", 20)
			}
			return ""
		}
	})
	h := newEngine(t, p)
	rcpts := make([]envelope.Recipient, n)
	for i := range rcpts {
		rcpts[i].Path = strings.Repeat("recipient", 10) + "@hop.test"
	}
	tx := h.Begin(h.route)
	for i, v := range tx.Envelope(t.Context(), sender, rcpts, true) {
		if !v.OK() {
			t.Fatalf("recipient %d: %v", i, v)
		}
	}
	if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
		t.Fatal(v)
	}
	if got := p.Took(); len(got) != 1 || len(got[0].To) != n {
		t.Error("recipients are missing")
	}
}

// The server gives up in the middle of a large batch and reads no more.
func TestLargeBatchRefused(t *testing.T) {
	p := smtptest.NewPeer(t, func(p *smtptest.Peer) {
		p.Network = &smtptest.Network{} // its buffers are smaller than the commands
		p.On = func(s *smtptest.Session, line string) string {
			if strings.HasPrefix(line, "RCPT") {
				s.Say("421 4.7.0 too many")
				<-s.Quit
				return smtptest.Cut
			}
			return ""
		}
	})
	h := newEngine(t, p)
	rcpts := make([]envelope.Recipient, 20_000)
	for i := range rcpts {
		rcpts[i].Path = "recipient@hop.test"
	}
	tx := h.Begin(h.route)
	for _, v := range tx.Envelope(t.Context(), sender, rcpts, true) {
		if v.Code != 451 || v.Text[0] != "too many" {
			t.Fatal(v)
		}
	}
}
