package relay

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// A next hop refuses some forms, takes the next one and says nothing that could be
// read: the connection breaks after the end of the message. Whether it was taken
// is not known then. The client is told so, and neither another form nor another
// host gets the message.
func TestFallbackSendsNothingTwice(t *testing.T) {
	ways := map[string]func(*smtptest.Peer){
		"pipelining": nil,
		"plain":      func(p *smtptest.Peer) { p.Keywords = []string{"8BITMIME", "SIZE 100000"} },
		"chunking":   func(p *smtptest.Peer) { p.Keywords = append(p.Keywords, "CHUNKING") },
		"starttls":   func(p *smtptest.Peer) { p.TLSConfig = smtptest.NewCA(t).Config("127.0.0.1") },
	}
	ends := map[string]string{"closed": "", "half a reply": "250-2.6.0 que", "no reply": "what?\r\n", "a reply to something else": "354 go\r\n"}
	for way, set := range ways {
		for end, words := range ends {
			for refused := range 5 {
				t.Run(fmt.Sprintf("%s/%s/%d", way, end, refused), func(t *testing.T) {
					t.Parallel()
					pick := &picky{replies: slices.Repeat([]string{content}, refused)}
					breaks := func(s *smtptest.Session, line string) string {
						if answer := pick.on(s, line); line != "." || answer != "" {
							return answer
						}
						s.Mu.Lock()
						s.Messages = append(s.Messages, s.Msg)
						s.Mu.Unlock()
						io.WriteString(s.Conn, words)
						return smtptest.Cut
					}
					p, spare := smtptest.NewPeer(t, func(p *smtptest.Peer) {
						if p.On = breaks; set != nil {
							set(p)
						}
					}), smtptest.NewPeer(t, nil)
					cfg := testConfig(t)
					cfg.Rewrite.OnRefuse, cfg.Rewrite.Header = "fallback", true
					cfg.Routes = []config.Route{{Via: []string{p.Addr, spare.Addr}, TLS: "opportunistic", Profile: "auto"}}
					r := &rig{t: t, cfg: cfg, log: &smtptest.Buffer{}}
					r.build(nil)
					r.serve()
					if got := r.hello("plain").bring(meetingMail(t)); !strings.HasPrefix(got, "451") || strings.Contains(words, "2.6.0") && !strings.Contains(got, "a second copy is possible") {
						t.Errorf("the client got %q", got)
					}
					if n := int(pick.seen.Load()); n != refused+1 {
						t.Errorf("%d forms were sent, want %d", n, refused+1)
					}
					if took := p.Took(); len(took) != 1 {
						t.Errorf("%d messages were taken, want 1", len(took))
					}
					if took := spare.Took(); len(took) != 0 || slices.Contains(spare.Heard(), "DATA") {
						t.Errorf("another host got it, too: %d", len(took))
					}
				})
			}
		}
	}
}
