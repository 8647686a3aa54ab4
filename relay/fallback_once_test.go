package relay

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
)

// A next hop refuses some forms, takes the next one and says nothing that could be
// read: the connection breaks behind the end of the message. Whether it was taken
// is not known then. The client is told so, and neither another form nor another
// host gets the message.
func TestFallbackSendsNothingTwice(t *testing.T) {
	ways := map[string]func(*peer){
		"pipelining": nil,
		"plain":      func(p *peer) { p.keywords = []string{"8BITMIME", "SIZE 100000"} },
		"chunking":   func(p *peer) { p.keywords = append(p.keywords, "CHUNKING") },
		"starttls":   func(p *peer) { p.tls = newTestCA(t).config("127.0.0.1") },
	}
	ends := map[string]string{"closed": "", "half a reply": "250-2.6.0 que", "no reply": "what?\r\n", "a reply to something else": "354 go\r\n"}
	for way, set := range ways {
		for end, words := range ends {
			for refused := range 5 {
				t.Run(fmt.Sprintf("%s/%s/%d", way, end, refused), func(t *testing.T) {
					t.Parallel()
					pick := &picky{replies: slices.Repeat([]string{content}, refused)}
					breaks := func(s *peerSession, line string) string {
						if answer := pick.on(s, line); line != "." || answer != "" {
							return answer
						}
						s.mu.Lock()
						s.messages = append(s.messages, s.msg)
						s.mu.Unlock()
						io.WriteString(s.nc, words)
						return cut
					}
					p, spare := newPeer(t, func(p *peer) {
						if p.on = breaks; set != nil {
							set(p)
						}
					}), newPeer(t, nil)
					cfg := testConfig(t)
					cfg.Rewrite.OnRefuse, cfg.Rewrite.Header = "fallback", true
					cfg.Routes = []config.Route{{Via: []string{p.addr, spare.addr}, TLS: "opportunistic", Profile: "auto"}}
					r := &rig{t: t, cfg: cfg, log: &syncBuffer{}}
					r.build(nil)
					r.serve()
					if got := r.hello("plain").bring(meetingMail(t)); !strings.HasPrefix(got, "451") || strings.Contains(words, "2.6.0") && !strings.Contains(got, "a second copy is possible") {
						t.Errorf("the client got %q", got)
					}
					if n := int(pick.seen.Load()); n != refused+1 {
						t.Errorf("%d forms were sent, want %d", n, refused+1)
					}
					if took := p.took(); len(took) != 1 {
						t.Errorf("%d messages were taken, want 1", len(took))
					}
					if took := spare.took(); len(took) != 0 || slices.Contains(spare.heard(), "DATA") {
						t.Errorf("another host got it, too: %d", len(took))
					}
				})
			}
		}
	}
}
