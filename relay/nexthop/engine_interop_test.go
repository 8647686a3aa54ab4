package nexthop

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// inbox is a receiving server that is not our own work.
type inbox struct {
	mu   sync.Mutex
	mail []string
}

func (b *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &inboxSession{inbox: b}, nil }

type inboxSession struct {
	*inbox
	user, from string
	to         []string
}

func (s *inboxSession) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *inboxSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "relay" || password != "secret" {
			return errors.New("no")
		}
		s.user = user
		return nil
	}), nil
}
func (s *inboxSession) Reset()        { s.from, s.to = "", nil }
func (s *inboxSession) Logout() error { return nil }
func (s *inboxSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}
func (s *inboxSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}
func (s *inboxSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail = append(s.mail, s.from+" "+strings.Join(s.to, ",")+"\n"+string(body))
	return nil
}

// Delivery to a server of other people, with TLS, AUTH, CHUNKING and reuse.
func TestDeliverToGoSMTP(t *testing.T) {
	ca := smtptest.NewCA(t)
	box := &inbox{}
	server := smtp.NewServer(box)
	server.Domain, server.TLSConfig = "hop.test", ca.Config("127.0.0.1")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() { server.Serve(ln) })

	h := newEngine(t)
	h.route = &Route{TLS: "verify", Via: []string{ln.Addr().String()}, Roots: ca.Pool,
		Auth: config.RouteAuth{User: "relay", PasswordFile: smtptest.SecretFile(t, "secret\n")}}
	bodies := []string{smtptest.Note, ".\r\n..\r\n", strings.Repeat("0123456789\r\n", 100000)}
	for _, body := range bodies {
		h.mustMail(body)
	}
	h.mu.Lock()
	if len(h.conns) != 1 {
		t.Errorf("%d connections", len(h.conns))
	}
	h.mu.Unlock()
	h.Close()
	server.Close()
	done.Wait()
	for i, body := range bodies {
		if i >= len(box.mail) || box.mail[i] != "boss@example.com you@hop.test\n"+body {
			t.Errorf("message %d did not arrive as it was sent", i)
		}
	}
}
