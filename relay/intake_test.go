package relay

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// The tests in this file send messages that are passed on while they arrive. Each
// runs with both ways in and both ways out.

// eachWay is every way that a message comes (DATA, BDAT, BDAT in pieces) and goes.
func eachWay(t *testing.T, set func(*smtptest.Peer), change func(*config.Config), test func(t *testing.T, w *way)) {
	everyWay(t, false, set, change, test)
}

// eachWayInMemory is eachWay for tests that wait, in a bubble.
func eachWayInMemory(t *testing.T, change func(*config.Config), test func(t *testing.T, w *way)) {
	everyWay(t, true, nil, change, test)
}

func everyWay(t *testing.T, inMemory bool, set func(*smtptest.Peer), change func(*config.Config), test func(t *testing.T, w *way)) {
	for _, transport := range []string{"plain", "starttls", "implicit"} {
		for _, in := range []string{"DATA", "BDAT", "BDAT in pieces"} {
			for _, out := range []string{"DATA", "CHUNKING"} {
				t.Run(transport+"/"+in+"/"+out, func(t *testing.T) {
					run := func(t *testing.T) {
						w := newWay(t, inMemory, set, change, out)
						w.c, w.in = w.r.hello(transport), in
						test(t, w)
					}
					if inMemory {
						synctest.Test(t, run)
						return
					}
					t.Parallel()
					run(t)
				})
			}
		}
	}
}

func newWay(t *testing.T, inMemory bool, set func(*smtptest.Peer), change func(*config.Config), out string, options ...func(*Options)) *way {
	var network *smtptest.Network
	if inMemory {
		network = &smtptest.Network{}
	}
	r, p := throughRelayAt(t, network, change, func(p *smtptest.Peer) {
		if out == "CHUNKING" {
			p.Keywords = append(p.Keywords, "CHUNKING")
		}
		if set != nil {
			set(p)
		}
	}, options...)
	return &way{r: r, p: p, out: out}
}

type way struct {
	r       *rig
	p       *smtptest.Peer
	c       *talker
	in, out string
}

// begin sends the envelope and a message up to some octet.
func (w *way) begin(m string, n int) {
	w.c.t.Helper()
	w.c.envelope()
	if w.in == "DATA" {
		w.c.say("DATA", "354")
		w.c.send(m[:n])
		return
	}
	size, last := len(m), " LAST"
	if w.in != "BDAT" {
		size, last = n, ""
	}
	w.c.send(fmt.Sprintf("BDAT %d%s\r\n%s", size, last, m[:n]))
	if last == "" {
		w.c.expect("250 2.0.0 chunk")
	}
}

// rest sends what is left of it. The message ends with CRLF and has no dot at the
// start of a line.
func (w *way) rest(m string, n int) {
	w.c.t.Helper()
	switch w.in {
	case "DATA":
		w.c.send(m[n:] + ".\r\n")
	case "BDAT":
		w.c.send(m[n:])
	default:
		w.c.send(fmt.Sprintf("BDAT %d LAST\r\n%s", len(m)-n, m[n:]))
	}
}

var base64Lines = strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 4000) // 312,000 octets

// large is a mail with an attachment, and what comes after that.
func large(behind string) string {
	return "From: a@sender.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n" +
		"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64Lines + behind + "--b--\r\n"
}

const lateMeeting = "--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" +
	"PRODID:Microsoft CDO for Microsoft Exchange\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTAMP:20260101T090000Z\r\nDTSTART:20260202T090000Z\r\n" +
	"DTEND:20260202T100000Z\r\nSUMMARY:Planning\r\nUID:late-1\r\nORGANIZER;CN=\"Boss\":MAILTO:boss@sender.example\r\n" +
	"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"B\":MAILTO:b@rcpt.example\r\n" +
	"SEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// begun waits until the next hop has the beginning of a body.
func (w *way) begun() {
	w.c.t.Helper()
	eventually(w.c.t, func() bool {
		return slices.ContainsFunc(w.p.Heard(), func(c string) bool {
			return c == "DATA" || strings.HasPrefix(c, "BDAT ") && !strings.HasSuffix(c, "LAST")
		})
	})
}

// A large mail without a meeting reaches the next hop before it is whole, octet
// for octet, with the log line that it always had.
func TestPassedOnWhileItArrives(t *testing.T) {
	for name, m := range map[string]string{
		"multipart":   large("--b\r\nContent-Type: image/png\r\n\r\nx\r\n"),
		"single":      "Subject: x\r\n\r\n" + base64Lines,
		"no boundary": "Content-Type: multipart/mixed\r\n\r\n" + base64Lines,
	} {
		t.Run(name, func(t *testing.T) {
			eachWay(t, nil, nil, func(t *testing.T, w *way) {
				for range 2 { // the connection to the next hop serves again
					w.begin(m, 250_000)
					w.begun()
					w.rest(m, 250_000)
					w.c.expect("250 2.6.0 <id@hop.test> queued")
				}
				took := w.p.Took()
				if len(took) != 2 || withoutReceived(took[0].Body) != m || withoutReceived(took[1].Body) != m {
					t.Fatalf("the next hop took %d messages, or others", len(took))
				}
				if n := w.p.Count(); n != 1 {
					t.Errorf("%d connections for two messages", n)
				}
				log := w.r.log.String()
				if strings.Contains(log, "left-alone") || !strings.Contains(log, fmt.Sprintf("size_bytes=%d ", len(m))) || !strings.Contains(log, "verdict=delivered") {
					t.Errorf("the log says %s", log)
				}
			})
		})
	}
}

// A meeting after the attachment is repaired all the same, and nothing in front
// of it is changed.
func TestLateMeetingIsRepaired(t *testing.T) {
	m := large(lateMeeting)
	eachWay(t, nil, func(cfg *config.Config) { cfg.Rewrite.Header = true }, func(t *testing.T, w *way) {
		w.begin(m, 250_000)
		w.begun()
		w.rest(m, 250_000)
		w.c.expect("250")
		body := withoutReceived(w.p.Took()[0].Body)
		at := strings.Index(m, lateMeeting)
		if len(body) < at || body[:at] != m[:at] || !strings.HasSuffix(body, "\r\n--b--\r\n") {
			t.Error("something in front of the meeting was changed")
		}
		if !strings.Contains(body, "\r\nSEQUENCE:3\r\n") {
			t.Errorf("the meeting was not repaired: %s", body[min(at, len(body)):])
		}
		if log := w.r.log.String(); !strings.Contains(log, "outcome=repaired") || !strings.Contains(log, "uid=late-1") {
			t.Errorf("the log says %s", log)
		}
	})
}

// A late meeting that is refused is not sent in another form, and the log says why.
func TestLateMeetingIsRefused(t *testing.T) {
	m := large(lateMeeting)
	refuses := func(p *smtptest.Peer) {
		p.On = func(_ *smtptest.Session, line string) string {
			if line == "." || strings.HasPrefix(line, "BDAT") && strings.HasSuffix(line, "LAST") {
				return content
			}
			return ""
		}
	}
	eachWay(t, refuses, func(cfg *config.Config) { cfg.Rewrite.OnRefuse = "fallback" }, func(t *testing.T, w *way) {
		w.begin(m, 250_000)
		w.begun()
		w.rest(m, 250_000)
		w.c.expect(content)
		if log := w.r.log.String(); !strings.Contains(log, "msg=fallback") || !strings.Contains(log, "it cannot be sent again") || strings.Contains(log, "next=") {
			t.Errorf("the log says %s", log)
		}
	})
}

// What is left alone is said as before.
func TestPassedOnAndLeftAlone(t *testing.T) {
	sealed := "Content-Type: application/pkcs7-mime\r\n\r\n" + base64Lines
	eachWay(t, nil, nil, func(t *testing.T, w *way) {
		w.begin(sealed, 250_000)
		w.begun()
		w.rest(sealed, 250_000)
		w.c.expect("250")
		if log := w.r.log.String(); !strings.Contains(log, `why="signed or encrypted: application/pkcs7-mime"`) {
			t.Errorf("the log says %s", log)
		}
	})
}

// A message that breaks off is no message, wherever it was by then.
func TestPassedOnAndCut(t *testing.T) {
	m := large(lateMeeting)
	for _, how := range []string{"fin", "reset"} {
		for _, n := range []int{250_000, len(m) - 30} {
			t.Run(fmt.Sprintf("%s/%d", how, n), func(t *testing.T) {
				eachWay(t, nil, nil, func(t *testing.T, w *way) {
					w.begin(m, n)
					w.begun()
					w.c.end(how)
					w.c.expectGone()
					w.r.srv.Close()
					if took := w.p.Took(); len(took) != 0 {
						t.Errorf("the next hop took %d octets for a message", len(took[0].Body))
					}
				})
			})
		}
	}
}

// S2, on its way already: after a stall nothing is taken for a command, and what
// the next hop has of the message never becomes one.
func TestPassedOnAndStalled(t *testing.T) {
	m := large(lateMeeting)
	change := func(cfg *config.Config) {
		quick(cfg) // between two chunks the time for a command counts
		cfg.Limits.DataTimeout = 500 * time.Millisecond
	}
	eachWayInMemory(t, change, func(t *testing.T, w *way) {
		w.begin(m, 250_000)
		w.begun()
		w.c.expect("421 4.4.2")
		w.c.conn.Write([]byte("MAIL FROM:<ceo@sender.example>\r\nRCPT TO:<victim@rcpt.example>\r\nDATA\r\nsmuggled\r\n.\r\n"))
		if replies := w.c.expectGone(); len(replies) > 0 {
			t.Errorf("after the time-out the server said %q", replies)
		}
		w.r.srv.Close()
		if took := w.p.Took(); len(took) != 0 {
			t.Errorf("the next hop took %d octets for a message", len(took[0].Body))
		}
	})
}

// S9, on its way already: a chunked message that is given up is none, and the
// conversation goes on.
func TestPassedOnAndGivenUp(t *testing.T) {
	m, small := large(lateMeeting), "Subject: next\r\n\r\nx\r\n"
	eachWay(t, nil, nil, func(t *testing.T, w *way) {
		if w.in != "BDAT in pieces" {
			return // DATA and a last chunk can only be broken off
		}
		w.begin(m, 250_000)
		w.begun()
		w.c.say("RSET", "250")
		w.begin(small, 5)
		w.rest(small, 5)
		w.c.expect("250")
		if took := w.p.Took(); len(took) != 1 || withoutReceived(took[0].Body) != small {
			t.Errorf("the next hop took %d messages", len(took))
		}
	})
}

// A message above max_size is refused, though its beginning is away.
func TestPassedOnAndTooLarge(t *testing.T) {
	m := large("")
	eachWay(t, nil, func(cfg *config.Config) {
		cfg.Listeners[0].MaxSize = 200_000
		cfg.Listeners[1].MaxSize = 200_000
	}, func(t *testing.T, w *way) {
		w.begin(m, 150_000)
		w.begun()
		w.rest(m, 150_000)
		w.c.expect("552 5.3.4")
		w.c.say("NOOP", "250")
		small := "Subject: next\r\n\r\nx\r\n"
		w.begin(small, 5)
		w.rest(small, 5)
		w.c.expect("250")
		took := w.p.Took()
		if len(took) != 1 || withoutReceived(took[0].Body) != small {
			t.Errorf("the next hop took %d messages", len(took))
		}
	})
}

// The next hop's own limit counts, too.
func TestPassedOnBeyondTheNextHopsSize(t *testing.T) {
	m := large("")
	eachWay(t, func(p *smtptest.Peer) { p.Keywords[2] = "SIZE 200000" }, nil, func(t *testing.T, w *way) {
		w.begin(m, 150_000)
		w.begun()
		w.rest(m, 150_000)
		w.c.expect("552 5.3.4")
		if took := w.p.Took(); len(took) != 0 {
			t.Errorf("the next hop took %d messages", len(took))
		}
	})
}

// A bare LF goes on in chunks, and is refused where it could be taken for a line
// end, wherever in the message it stands.
func TestPassedOnWithBareLineEnds(t *testing.T) {
	for _, bad := range []string{"bare\nLF\r\n", "bare\rCR\r\n", "NUL\x00\r\n"} {
		m := large("") + bad
		t.Run(fmt.Sprintf("%q", bad), func(t *testing.T) {
			eachWay(t, nil, nil, func(t *testing.T, w *way) {
				w.begin(m, 250_000)
				w.begun()
				w.rest(m, 250_000)
				took := func() []smtptest.Message { return w.p.Took() }
				if w.out == "CHUNKING" {
					w.c.expect("250")
					if withoutReceived(took()[0].Body) != m {
						t.Error("the next hop took another message")
					}
					return
				}
				w.c.expect("554 5.6.11")
				if len(took()) != 0 {
					t.Error("the next hop took a message")
				}
			})
		})
	}
}

// The next hop refuses, stalls or goes away in the middle: the client hears that
// after its last octet, and the conversation goes on.
func TestNextHopFailsWhilePassing(t *testing.T) {
	m := large("")
	for how, want := range map[string]string{"452 4.3.1 full": "452 4.3.1", "554 5.7.1 no": "554 5.7.1", smtptest.Cut: "451", smtptest.Reset: "451"} {
		t.Run(fmt.Sprintf("%q", how), func(t *testing.T) {
			eachWay(t, func(p *smtptest.Peer) {
				p.On = func(s *smtptest.Session, line string) string {
					if s.Number == 1 && (line == "body" || strings.HasPrefix(line, "BDAT")) {
						if how[0] != 0 {
							s.Conn.Write([]byte(how + "\r\n"))
							s.Conn.(*net.TCPConn).CloseWrite()
							return smtptest.Stall
						}
						return how
					}
					return ""
				}
			}, nil, func(t *testing.T, w *way) {
				if w.in == "BDAT in pieces" { // it hears of it as soon as a chunk is over
					w.c.envelope()
					w.c.send(fmt.Sprintf("BDAT %d\r\n%s", 250_000, m[:250_000]))
					if lines, _ := w.c.reply(); strings.HasPrefix(lines[0], "250 2.0.0 chunk") {
						w.rest(m, 250_000)
						w.c.expect(want)
					} else if !strings.HasPrefix(lines[0], want) {
						t.Errorf("the client got %q", lines)
					}
					w.c.say("RSET", "250")
				} else {
					w.begin(m, 250_000)
					w.begun()
					w.rest(m, 250_000)
					w.c.expect(want)
				}
				small := "Subject: next\r\n\r\nx\r\n"
				w.begin(small, 5)
				w.rest(small, 5)
				w.c.expect("250")
				if took := w.p.Took(); len(took) != 1 || withoutReceived(took[0].Body) != small {
					t.Errorf("the next hop took %d messages", len(took))
				}
			})
		})
	}
}

// Where the octets must be known before they can go, they are collected.
func TestNotPassedOn(t *testing.T) {
	m := large("")
	for name, set := range map[string]func(*smtptest.Peer){
		"no 8BITMIME":                 func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", "SIZE 100000000"} },
		"CHUNKING without PIPELINING": func(p *smtptest.Peer) { p.Keywords = []string{"8BITMIME", "CHUNKING"} },
	} {
		t.Run(name, func(t *testing.T) {
			r, p := throughRelay(t, set)
			w := &way{r: r, p: p, c: r.hello("plain"), in: "BDAT"}
			w.begin(m, 250_000)
			w.c.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if line, err := w.c.r.ReadString('\n'); err == nil {
				t.Fatalf("the server said %q", line)
			}
			w.c.conn.SetReadDeadline(time.Now().Add(hangBound))
			for _, c := range p.Heard() {
				if c == "DATA" || strings.HasPrefix(c, "BDAT") {
					t.Error("the body was begun before it was whole")
				}
			}
			w.rest(m, 250_000)
			w.c.expect("250")
			if withoutReceived(p.Took()[0].Body) != m {
				t.Error("the next hop took another message")
			}
		})
	}
}
