package relay

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// Mail that a next hop defers for one recipient does not hold up mail for others: not at
// all when the reply is about a mailbox, and when it may be about the next hop, no longer
// than until what came before was tried once.
func TestDeferringHoldsUpNobody(t *testing.T) {
	for _, tt := range []struct {
		name, reply string
		after       time.Duration
	}{
		{"a full mailbox", "452 4.2.2 mailbox full", time.Second},
		{"no reason", "451 try later", time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, far, _, _ := bounceRig(t, func(p *smtptest.Peer) {
					p.On = func(_ *smtptest.Session, line string) string {
						if strings.HasPrefix(line, "RCPT TO:<full@") {
							return tt.reply
						}
						return ""
					}
				}, nil)
				c := r.hello("plain")
				send := func(to string) {
					c.say("MAIL FROM:<a@sender.example>", "250")
					c.say("RCPT TO:<"+to+">", "250")
					c.say("DATA", "354")
					c.send(message + ".\r\n")
					c.expect("250")
					synctest.Wait()
				}
				for range 8 {
					send("full@rcpt.example")
				}
				send("b@rcpt.example")
				time.Sleep(tt.after)
				synctest.Wait()
				if took := far.Took(); len(took) != 1 || !strings.HasPrefix(took[0].To[0], "TO:<b@rcpt.example>") {
					t.Errorf("after %v arrived: %v\n%s", tt.after, took, r.log)
				}
			})
		})
	}
}
