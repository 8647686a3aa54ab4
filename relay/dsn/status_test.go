package dsn

import (
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
)

func TestStatusCode(t *testing.T) {
	reply := func(code int, enhanced ...int) envelope.Verdict {
		v := envelope.Verdict{Code: code}
		copy(v.Enhanced[:], enhanced)
		return v
	}
	for name, c := range map[string]struct {
		r    Recipient
		want string
	}{
		"of the reply":                {Recipient{Action: Failed, Verdict: reply(550, 5, 1, 1)}, "5.1.1"},
		"given":                       {Recipient{Action: Failed, Status: [3]int{5, 2, 2}, Verdict: reply(550, 5, 1, 1)}, "5.2.2"},
		"no enhanced code":            {Recipient{Action: Failed, Verdict: reply(554)}, "5.0.0"},
		"no reply":                    {Recipient{Action: Failed}, "5.0.0"},
		"a failure after a delay":     {Recipient{Action: Failed, Verdict: reply(451, 4, 3, 0)}, "4.3.0"},
		"a failure with a 2":          {Recipient{Action: Failed, Verdict: reply(250, 2, 0, 0)}, "5.0.0"},
		"expired":                     {Recipient{Action: Expired, Verdict: reply(451, 4, 2, 1)}, "4.4.7"},
		"expired, given":              {Recipient{Action: Expired, Status: [3]int{5, 4, 7}}, "5.4.7"},
		"delayed":                     {Recipient{Action: Delayed, Verdict: reply(451, 4, 7, 1)}, "4.7.1"},
		"delayed by a 5":              {Recipient{Action: Delayed, Verdict: reply(550, 5, 7, 1)}, "4.7.1"},
		"delayed, no reply":           {Recipient{Action: Delayed}, "4.0.0"},
		"delivered":                   {Recipient{Action: Delivered, Verdict: reply(250, 2, 1, 5)}, "2.1.5"},
		"delivered, no enhanced code": {Recipient{Action: Delivered, Verdict: reply(250)}, "2.0.0"},
		"relayed":                     {Recipient{Action: Relayed, Verdict: reply(250, 2, 0, 0)}, "2.1.9"},
		"an unknown action":           {Recipient{Action: "lost"}, "5.0.0"},
		"a number out of range":       {Recipient{Action: Failed, Verdict: reply(550, 5, 1000, -1)}, "5.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.r.status(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestRemoteHost(t *testing.T) {
	for remote, want := range map[string]string{
		"mail.example.com [192.0.2.1]:25": "mail.example.com", "[192.0.2.1]:25": "[192.0.2.1]", "[2001:db8::1]:25": "[2001:db8::1]",
		"mail.example.com:2525": "mail.example.com", "mail.example.com": "mail.example.com", "": "", "[": "[",
	} {
		if got := remoteHost(remote); got != want {
			t.Errorf("%q: %q, want %q", remote, got, want)
		}
	}
}

func TestOriginalRecipient(t *testing.T) {
	for _, c := range []struct{ orcpt, ascii, utf8 string }{
		{"rfc822;bob+2Bx@example.net", "rfc822; bob+x@example.net", "rfc822; bob+x@example.net"},
		{`utf-8;b\x{F8}@example.net`, `utf-8; b\x{F8}@example.net`, "utf-8; bø@example.net"},
		{"utf-8;bø\\x{2B}x@example.net", `utf-8; b\x{F8}\x{2B}x@example.net`, "utf-8; bø+x@example.net"},
		{`UTF-8;b\x{D800}@example.net`, `UTF-8; b\x{5C}x{D800}@example.net`, `UTF-8; b\x{D800}@example.net`},
		{`utf-8;b\x{0A}@example.net`, `utf-8; b\x{5C}x{0A}@example.net`, `utf-8; b\x{0A}@example.net`},
		{"x-other;a b", "x-other; a b", "x-other; a b"},
		{"bob@example.net", "", ""},
		{"", "", ""},
	} {
		if got := original(c.orcpt, false); got != c.ascii {
			t.Errorf("%q in ASCII: %q, want %q", c.orcpt, got, c.ascii)
		}
		if got := original(c.orcpt, true); got != c.utf8 {
			t.Errorf("%q in UTF-8: %q, want %q", c.orcpt, got, c.utf8)
		}
	}
}
