package tlspolicy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxPolicy is the largest policy that is read (RFC 8461 §3.2 recommends 64 KB).
	maxPolicy = 64 << 10
	// maxPatterns bounds the mail exchangers of a policy.
	maxPatterns = 256
	// maxAge is the longest lifetime of a policy (RFC 8461 §3.2).
	maxAge = 31_557_600 * time.Second
)

// Mode is what a policy asks for.
type Mode string

const (
	ModeEnforce Mode = "enforce"
	ModeTesting Mode = "testing"
	ModeNone    Mode = "none"
)

// Policy is the MTA-STS policy of a domain.
type Policy struct {
	Domain string        `json:"domain"`
	ID     string        `json:"id"` // of the record that announced it
	Mode   Mode          `json:"mode"`
	MX     []string      `json:"mx"` // names, or "*." and a name, in lower case
	MaxAge time.Duration `json:"max_age"`
	Read   time.Time     `json:"fetched"`
}

// parsePolicy parses what a policy host has sent (RFC 8461 §3.2). Unknown fields are
// ignored, and so is all but the first of a field that may be there once.
func parsePolicy(text string) (*Policy, error) {
	p := &Policy{MaxAge: -1}
	version := ""
	for line := range strings.SplitSeq(text, "\n") {
		key, value, found := strings.Cut(strings.TrimSuffix(line, "\r"), ":")
		if value = strings.TrimSpace(value); !found {
			continue
		}
		switch key = strings.TrimSpace(key); {
		case key == "version" && version == "":
			version = value
		case key == "mode" && p.Mode == "":
			p.Mode = Mode(value)
		case key == "max_age" && p.MaxAge < 0:
			n, err := strconv.ParseUint(value, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("max_age %q is not a number of seconds", value)
			}
			p.MaxAge = min(time.Duration(n)*time.Second, maxAge)
		case key == "mx":
			p.MX = append(p.MX, strings.ToLower(strings.TrimSuffix(value, ".")))
		}
	}
	if version != "STSv1" {
		return nil, errors.New("the version is not STSv1")
	}
	return p, p.validate()
}

func (p *Policy) validate() error {
	switch {
	case p.Mode != ModeEnforce && p.Mode != ModeTesting && p.Mode != ModeNone:
		return fmt.Errorf("the mode %q is none of enforce, testing and none", p.Mode)
	case p.MaxAge < 0:
		return errors.New("it has no max_age")
	case p.Mode != ModeNone && len(p.MX) == 0:
		return errors.New("it names no mail exchanger")
	case len(p.MX) > maxPatterns:
		return fmt.Errorf("it names more than %d mail exchangers", maxPatterns)
	}
	if i := slices.IndexFunc(p.MX, func(s string) bool { return !isHost(strings.TrimPrefix(s, "*.")) }); i >= 0 {
		return fmt.Errorf("%q is no mail exchanger", p.MX[i])
	}
	return nil
}

// isHost reports whether s is a name of two labels or more. A wildcard for all names
// of a top-level domain could be meant by nobody.
func isHost(s string) bool {
	if len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
		}) {
			return false
		}
	}
	return true
}

// expires returns when the policy is no longer in force.
func (p *Policy) expires() time.Time { return p.Read.Add(p.MaxAge) }

// Names reports whether a mail exchanger is one of those of the policy. A wildcard
// stands for one label (RFC 8461 §4.1).
func (p *Policy) Names(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	_, parent, _ := strings.Cut(host, ".")
	return slices.Contains(p.MX, host) || parent != "" && host[0] != '.' && slices.Contains(p.MX, "*."+parent)
}

// For returns what the policy requires of a mail exchanger. The error means that the
// host must not be used: another one is named in the DNS than in the policy.
func (p *Policy) For(host string) (*Requirement, error) {
	switch {
	case p == nil || p.Mode == ModeNone:
		return nil, nil
	case p.Mode == ModeEnforce && !p.Names(host):
		return nil, &UnnamedError{Domain: p.Domain, Host: host}
	case p.Mode == ModeEnforce:
		return (&Requirement{Kind: Enforced, Host: strings.TrimSuffix(host, ".")}).identify(), nil
	}
	return (&Requirement{Kind: Tested, Host: strings.TrimSuffix(host, ".")}).identify(), nil
}

// UnnamedError is the error of a mail exchanger that the policy does not name.
type UnnamedError struct{ Domain, Host string }

func (e *UnnamedError) Error() string {
	return fmt.Sprintf("%s is not a mail exchanger of %s by its MTA-STS policy", e.Host, e.Domain)
}
