package tlspolicy

import (
	"fmt"
	"strconv"
	"time"
)

// Kinds of policies in a report (RFC 8460 §4.2).
const (
	FoundTLSA = "tlsa"
	FoundSTS  = "sts"
	FoundNone = "no-policy-found"
)

// Found is the policy that a connection was about, in the terms of RFC 8460 §4.2.
type Found struct {
	Kind     string   `json:"policy-type"`
	Text     []string `json:"policy-string,omitempty"`
	Domain   string   `json:"policy-domain"`
	Patterns []string `json:"mx-host,omitempty"`
}

// Found returns the policy that the connection was about. A policy that could not be
// fetched was found, too.
func (r Result) Found() Found {
	f := Found{Kind: FoundNone, Domain: r.Domain}
	switch {
	case r.Must != nil && (r.Must.Kind == DANE || r.Must.Kind == DANEEncryption):
		f.Kind = FoundTLSA
		for _, t := range r.Must.records {
			f.Text = append(f.Text, fmt.Sprintf("%d %d %d %x", t.usage, t.selector, t.matching, t.data))
		}
	case r.Policy != nil && r.Policy.Mode != ModeNone:
		f.Kind, f.Text, f.Patterns = FoundSTS, r.Policy.text(), r.Policy.MX
	case r.Failure == FetchError, r.Failure == PolicyInvalid, r.Failure == WebPKIInvalid:
		f.Kind = FoundSTS
	}
	return f
}

// text returns the policy in the form in which it is published.
func (p *Policy) text() []string {
	list := []string{"version: STSv1", "mode: " + string(p.Mode)}
	for _, mx := range p.MX {
		list = append(list, "mx: "+mx)
	}
	return append(list, "max_age: "+strconv.FormatInt(int64(p.MaxAge/time.Second), 10))
}
