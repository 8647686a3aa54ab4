package tlsreport

import (
	"cmp"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/tlspolicy"
)

const (
	// maxPolicies bounds the policies of a day.
	maxPolicies = 20_000
	// maxDetails bounds the kinds of failures of one policy that are told apart.
	maxDetails = 50
	// maxReason bounds a failure in words, in octets.
	maxReason = 300
)

// Counts is what happened on one day.
type Counts struct {
	Day      string             `json:"day"` // 2006-01-02
	Policies map[string]*Policy `json:"policies"`
	Dropped  int                `json:"dropped"` // connections that were not counted, because there are too many policies
}

// Policy is what happened with one policy of a domain.
type Policy struct {
	Found   tlspolicy.Found `json:"policy"`
	Summary Summary         `json:"summary"`
	Details []*Detail       `json:"failure-details,omitempty"`
}

// Summary has the totals (RFC 8460 §4.2).
type Summary struct {
	Successful int `json:"total-successful-session-count"`
	Failed     int `json:"total-failure-session-count"`
}

// Detail is failures of one kind.
type Detail struct {
	Result string `json:"result-type"`
	From   string `json:"sending-mta-ip,omitempty"`
	Host   string `json:"receiving-mx-hostname,omitempty"`
	To     string `json:"receiving-ip,omitempty"`
	Count  int    `json:"failed-session-count"`
	Reason string `json:"failure-reason-code,omitempty"`
}

func newCounts(day time.Time) *Counts {
	return &Counts{Day: day.UTC().Format(time.DateOnly), Policies: make(map[string]*Policy)}
}

// add counts a connection.
func (c *Counts) add(r tlspolicy.Result) {
	found := r.Found()
	key := strings.Join(append([]string{found.Domain, found.Kind}, found.Text...), "\n")
	p := c.Policies[key]
	if p == nil {
		if len(c.Policies) >= maxPolicies {
			c.Dropped++
			return
		}
		p = &Policy{Found: found}
		c.Policies[key] = p
	}
	if r.Failure == "" {
		p.Summary.Successful++
		return
	}
	p.Summary.Failed++
	p.detail(r)
}

// detail counts a failure. When too many kinds are told apart, the addresses and words
// are left out.
func (p *Policy) detail(r tlspolicy.Result) {
	d := Detail{Result: r.Failure, From: ipOf(r.Local), Host: r.Host, To: ipOf(r.Remote), Reason: shorten(r.Reason)}
	if p.count(d) {
		return
	}
	if len(p.Details) >= maxDetails {
		if d = (Detail{Result: r.Failure}); p.count(d) {
			return
		}
	}
	d.Count = 1
	p.Details = append(p.Details, &d)
}

// count counts a failure of a kind that is there already.
func (p *Policy) count(d Detail) bool {
	i := slices.IndexFunc(p.Details, func(o *Detail) bool { d.Count = o.Count; return *o == d })
	if i >= 0 {
		p.Details[i].Count++
	}
	return i >= 0
}

// domains returns the policies by domain, in a fixed order.
func (c *Counts) domains() map[string][]*Policy {
	by := make(map[string][]*Policy)
	for _, p := range c.Policies {
		by[p.Found.Domain] = append(by[p.Found.Domain], p)
	}
	for _, list := range by {
		slices.SortFunc(list, func(a, b *Policy) int {
			return cmp.Or(cmp.Compare(a.Found.Kind, b.Found.Kind), slices.Compare(a.Found.Text, b.Found.Text))
		})
	}
	return by
}

func ipOf(a net.Addr) string {
	if a == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return ""
	}
	return host
}

func shorten(s string) string {
	if len(s) > maxReason {
		s = s[:maxReason]
	}
	return strings.ToValidUTF8(s, "?")
}
