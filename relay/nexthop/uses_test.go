package nexthop

import (
	"bufio"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func parsedReply(t *testing.T, text string) reply {
	t.Helper()
	r, err := readReply(bufio.NewReaderSize(strings.NewReader(text+"\r\n"), 2*maxReplyLine))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const enough = "421 4.7.0 hop.test too many messages on this connection"

// What a host bears on one connection is learned from its 421, wherever that
// stands, kept to, and forgotten after a while. No message is lost or sent twice.
func TestUsesAreLearned(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*smtptest.Peer, int)
	}{
		{"at MAIL", func(p *smtptest.Peer, most int) {
			p.On = func(s *smtptest.Session, line string) string {
				if strings.HasPrefix(line, "MAIL") && s.Finished == most {
					return enough
				}
				return ""
			}
		}},
		{"behind the message", func(p *smtptest.Peer, most int) {
			p.On = func(s *smtptest.Session, line string) string {
				if line == "." && s.Finished == most-1 {
					s.After = enough
				}
				return ""
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := smtptest.MakePeer(t, func(p *smtptest.Peer) { tt.set(p, 3) })
				s := newStill(t, func(c *config.Config) { c.NextHop.PoolReuse = "any" }, p)
				for range 10 {
					s.mustMail()
					synctest.Wait()
				}
				if got := p.Loads(); !slices.Equal(got, []int{3, 3, 3, 1}) {
					t.Errorf("carried %v", got)
				}
				if n := s.capacity.messageLimit(p.Addr, 10); n != 3 {
					t.Errorf("learned %d, want 3", n)
				}
				asked := strings.Count(strings.Join(p.Heard(), "\n"), "MAIL FROM")
				if tt.name == "at MAIL" && asked != 11 { // it was told once
					t.Errorf("%d times MAIL", asked)
				}
				time.Sleep(learnedLimitAge)
				if n := s.capacity.messageLimit(p.Addr, 10); n != 10 {
					t.Errorf("%d after a while, want 10", n)
				}
			})
		})
	}
}

// A 421 about the connection, and not the host, is followed by another one: once.
func TestNewConnectionIsFull(t *testing.T) {
	for times, want := range []int{250, 250, 451} {
		synctest.Test(t, func(t *testing.T) {
			p := smtptest.MakePeer(t, func(p *smtptest.Peer) {
				p.On = func(s *smtptest.Session, line string) string {
					if strings.HasPrefix(line, "MAIL") && s.Number <= times {
						return enough
					}
					return ""
				}
			})
			s := newStill(t, nil, p)
			if v, _ := s.mail(t.Context()); v.Code != want || p.Count() != min(times+1, 2) {
				t.Errorf("%d times: %v after %d connections", times, v, p.Count())
			}
		})
	}
}

// A host that answers each message more slowly than the one before is left for a
// new connection; one that is slow now and then is not.
func TestPaceIsLearned(t *testing.T) {
	second := time.Second
	for _, tt := range []struct {
		name  string
		verb  string
		delay []time.Duration // of each message on a connection
		want  []int           // messages on each
	}{
		{"fast", "MAIL", make([]time.Duration, 12), []int{10, 2}},
		{"growing at MAIL", "MAIL", []time.Duration{0, 0, second / 2, second, 2 * second, 4 * second, 8 * second}, []int{5, 2, 2, 2, 1}},
		{"growing little", "RCPT", []time.Duration{0, 0, 0, second / 2, second / 2, second / 2, second / 2}, []int{6, 3, 3}},
		{"now and then", "MAIL", []time.Duration{0, second, second, 0, second, second, 0, second, 2 * second, 0, 0}, []int{10, 2}},
		{"slow from the start", "MAIL", []time.Duration{second, second, second, second, second, second, second, second, second, second, second}, []int{10, 2}},
		{"getting faster", "MAIL", []time.Duration{second / 100, 4 * second, 3 * second, 2 * second, second, second / 2, 0, 0, 0, 0}, []int{10, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := smtptest.MakePeer(t, func(p *smtptest.Peer) {
					p.On = func(s *smtptest.Session, line string) string {
						if strings.HasPrefix(line, tt.verb) {
							time.Sleep(tt.delay[s.Finished] + time.Millisecond)
						}
						return ""
					}
				})
				s := newStill(t, func(c *config.Config) { c.NextHop.PoolReuse, c.Limits.PoolUses = "any", 10 }, p)
				for range 12 {
					s.mustMail()
				}
				if got := p.Loads(); !slices.Equal(got, tt.want) {
					t.Errorf("carried %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// Clients that take turns keep to their own connections: who takes another one's
// makes that one open a further one.
func TestVisitsKeepTheirConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := smtptest.MakePeer(t, nil)
		s := newStill(t, nil, p)
		visits := []*Session{s.NewSession(), s.NewSession(), s.NewSession()}
		for round := range 10 {
			for _, i := range [][]int{{0, 1, 2}, {1, 0, 2}, {2, 1, 0}}[round%3] {
				tx := s.Mail(visits[i], s.route)
				if v := tx.Envelope(t.Context(), sender, to("you@hop.test"), true); !v[0].OK() {
					t.Fatal(v[0])
				}
				if v := tx.Deliver(t.Context(), smtptest.Text(smtptest.Note)); !v.OK() {
					t.Fatal(v)
				}
			}
		}
		if got := p.Loads(); !slices.Equal(got, []int{10, 10, 10}) {
			t.Errorf("carried %v", got)
		}
		for _, v := range visits {
			s.EndSession(v)
		}
	})
}

// How many messages a connection carries goes by what the host is, as long as the
// administrator has not said.
func TestUsesOfAHost(t *testing.T) {
	for _, tt := range []struct {
		greeting   string
		codes      bool // offers ENHANCEDSTATUSCODES
		configured int
		want       []int
	}{
		{"220 mx.example ESMTP Exim 4.96 Sat, 28 Nov 2026 10:00:00 +0000", false, 0, []int{10, 2}},
		{"220 mx.example ESMTP Exim behind a gateway with codes", true, 0, []int{10, 2}},
		{"220 mx.example ready", false, 0, []int{10, 2}},
		{"220 mx.example ready with codes", true, 0, []int{12}},
		{"220-mx.example ESMTP\r\n220 no postfix here", false, 0, []int{10, 2}},
		{"220 mx.example ESMTP Postfix (Debian/GNU)", false, 0, []int{12}},
		{"220 EXCH01.example Microsoft ESMTP MAIL Service ready at Sat, 28 Nov 2026 10:00:00 +0000", false, 0, []int{12}},
		{"220 mx.example ESMTP Postfix", true, 5, []int{5, 5, 2}},
	} {
		t.Run(tt.greeting, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := smtptest.MakePeer(t, func(p *smtptest.Peer) {
					p.Greeting = tt.greeting
					if !tt.codes {
						p.Keywords = slices.DeleteFunc(p.Keywords, func(k string) bool { return k == "ENHANCEDSTATUSCODES" })
					}
				})
				s := newStill(t, func(c *config.Config) { c.NextHop.PoolReuse, c.Limits.PoolUses = "any", tt.configured }, p)
				for range 12 {
					s.mustMail()
				}
				if got := p.Loads(); !slices.Equal(got, tt.want) {
					t.Errorf("carried %v, want %v", got, tt.want)
				}
			})
		})
	}
}
