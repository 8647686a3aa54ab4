package relay

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
)

// users is a file of lines user:hash, hash by bcrypt (htpasswd -B). It is read again
// for each logon: logons are rare and slow by design, and a removed user must not
// log on any more.
type users struct{ file string }

// errCredentials is the only reason that a client is given.
var errCredentials = errors.New("authentication failed")

// nobody is a hash that takes as long to check as a real one and matches no
// password, so that the time of a refusal does not show which users exist.
const nobody = "$2a$10$invalidinvalidinvalidinvaliduinvalidinvalidinvalidinva"

// check returns nil when the password is the user's.
func (u users) check(name, password string) error {
	hash, err := u.hash(name)
	if err != nil {
		return err
	}
	known := hash != ""
	if !known {
		hash = nobody
	}
	if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)); err != nil || !known {
		return errCredentials
	}
	return nil
}

func (u users) hash(name string) (string, error) {
	text, err := os.ReadFile(u.file)
	if err != nil {
		return "", fmt.Errorf("reading users_file: %w", err)
	}
	for line := range strings.Lines(string(config.PlainText(text))) {
		user, hash, found := strings.Cut(strings.TrimSpace(line), ":")
		if found && user == name && !strings.HasPrefix(user, "#") {
			return hash, nil
		}
	}
	return "", nil
}

// Logon implements smtpd.Handler.
func (s *session) Logon(user, password string) envelope.Verdict {
	g := &s.server.logonLimits
	who := g.begin(s.ctx, s.addr)
	if who == nil {
		v := envelope.Refuse(454, [3]int{4, 7, 0}, "too many failed authentications from your address, try again later")
		return s.denied("too many failed authentications from this address", v)
	}
	err := users{s.cfg.Auth.UsersFile}.check(user, password)
	g.end(who, errors.Is(err, errCredentials))
	switch {
	case err == nil:
		s.user = user
		s.trust()
		s.server.opt.Log.authenticated(s.event(func(e *ConnEvent) { e.User = user }))
		return envelope.Verdict{Code: 235}
	case errors.Is(err, errCredentials):
		s.server.opt.Log.authFailed(s.event(func(e *ConnEvent) { e.User = user }))
		select {
		case <-time.After(s.server.opt.delays.failure):
		case <-s.ctx.Done():
		}
		return envelope.Refuse(535, [3]int{5, 7, 8}, "%s", err)
	}
	s.server.opt.Log.fault(s.event(func(e *ConnEvent) { e.User, e.Why, e.Err = user, "authentication", err }))
	return envelope.Refuse(454, [3]int{4, 7, 0}, "temporary authentication failure")
}
