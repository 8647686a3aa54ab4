package nexthop

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/emersion/go-sasl"

	"github.com/reconvene/reconvene/config"
)

// logon is the authentication at one next hop, with the secret as it was read for
// this attempt.
type logon struct {
	mechanism string
	client    sasl.Client
	secret    string // for redact only
}

// newLogon chooses a mechanism that the server offers and reads the file of the
// secret again, so that a changed password or a new token needs no restart. Its
// errors never contain the secret.
func newLogon(auth config.RouteAuth, offered []string) (*logon, error) {
	mechanism, err := chooseMechanism(auth, offered)
	if err != nil {
		return nil, err
	}
	file := auth.PasswordFile
	if mechanism == "XOAUTH2" {
		file = auth.TokenFile
	}
	octets, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the secret: %w", err)
	}
	secret, err := config.Secret(octets)
	if err != nil {
		return nil, fmt.Errorf("cannot use the secret in %s: %w", file, err)
	}
	l := &logon{mechanism: mechanism, secret: secret}
	switch mechanism {
	case "PLAIN":
		l.client = sasl.NewPlainClient("", auth.User, secret)
	case "CRAM-MD5":
		l.client = &cramMD5{user: auth.User, secret: secret}
	case "LOGIN":
		l.client = &login{answers: []string{auth.User, secret}}
	case "XOAUTH2":
		l.client = &xoauth2{user: auth.User, token: strings.TrimSpace(secret)}
	}
	return l, nil
}

// chooseMechanism prefers the setting of the route, then XOAUTH2 if there is a
// token, PLAIN, LOGIN, CRAM-MD5.
func chooseMechanism(auth config.RouteAuth, offered []string) (string, error) {
	wanted := []string{strings.ToUpper(string(auth.Mechanism))}
	switch {
	case auth.Mechanism != "" && auth.Mechanism != config.MechanismAuto:
	case auth.TokenFile != "":
		wanted = []string{"XOAUTH2"}
	default:
		wanted = []string{"PLAIN", "LOGIN", "CRAM-MD5"}
	}
	for _, w := range wanted {
		for _, o := range offered {
			if strings.EqualFold(w, o) {
				return w, nil
			}
		}
	}
	if len(offered) == 0 {
		return "", errors.New("the server does not offer AUTH; it may require TLS first, or identify this server by its address")
	}
	return "", fmt.Errorf("the server offers AUTH %s, not %s", strings.Join(offered, " "), strings.Join(wanted, " or "))
}

// redact removes the secret from a server's text: some servers repeat what they
// refuse.
func (l *logon) redact(text []string) []string {
	clean := make([]string, len(text))
	for i, s := range text {
		for _, form := range l.forms() {
			s = strings.ReplaceAll(s, form, "***")
		}
		clean[i] = s
	}
	return clean
}

// forms returns the encodings in which the secret is sent.
func (l *logon) forms() []string {
	if l.secret == "" {
		return nil
	}
	forms := []string{l.secret, base64.StdEncoding.EncodeToString([]byte(l.secret))}
	if _, initial, err := l.client.Start(); err == nil && len(initial) > 0 {
		forms = append([]string{base64.StdEncoding.EncodeToString(initial)}, forms...)
	}
	return forms
}

// login is the LOGIN mechanism. It sends its answers in order, whatever the prompts
// are: servers word them differently.
type login struct{ answers []string }

func (l *login) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, errors.New("the server asks for more than user name and password")
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

// xoauth2 is Google's and Microsoft's mechanism: a bearer token in the initial
// response. After a failure the server sends a challenge with the reason in JSON,
// which must be answered by an empty line to get the reply.
type xoauth2 struct{ user, token string }

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x *xoauth2) Next([]byte) ([]byte, error) { return nil, nil }

// cramMD5 answers a challenge with a keyed digest of it (RFC 2195). It is for
// servers that offer nothing else; they must store the secret in a form from which
// it can be read.
type cramMD5 struct{ user, secret string }

func (c *cramMD5) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (c *cramMD5) Next(challenge []byte) ([]byte, error) {
	if len(challenge) == 0 {
		return nil, errors.New("the server sent no challenge")
	}
	digest := hmac.New(md5.New, []byte(c.secret))
	digest.Write(challenge)
	return fmt.Appendf(nil, "%s %x", c.user, digest.Sum(nil)), nil
}

var (
	_ sasl.Client = (*cramMD5)(nil)
	_ sasl.Client = (*login)(nil)
	_ sasl.Client = (*xoauth2)(nil)
)
