package dkim

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	keys := NewKeys([]Key{
		{Domain: "example.com", Selector: "a", Subdomains: true}, {Domain: "example.com", Selector: "b"},
		{Domain: "own.example.com", Selector: "c"}, {Domain: "xn--bcher-kva.example", Selector: "d", Resign: true},
	})
	const ours = "DKIM-Signature: v=1; a=rsa-sha256;\r\n\t d = Example.COM ; s=x\r\n"
	for _, tt := range []struct {
		name, header string
		want         string // selectors
		signed       bool
		why          string
	}{
		{"plain", "From: anna@example.com\r\n", "ab", false, ""},
		{"name", "From: Anna <anna@EXAMPLE.com>\r\n", "ab", false, ""},
		{"final dot", "From: <anna@example.com.>\r\n", "ab", false, ""},
		{"comma in quotes", "From: \"Berg, anna@other.example\" <anna@example.com>\r\n", "ab", false, ""},
		{"comment", "From: (x <y@other.example>, \\) (z)) anna@example.com (q)\r\n", "ab", false, ""},
		{"address as name", "From: ceo@bank.example <anna@example.com>\r\n", "ab", false, ""},
		{"folded", "From:\r\n Anna\r\n\t<anna@example.com>\r\n", "ab", false, ""},
		{"Latin-1 in the name", "From: J\xfcrgen <j@example.com>\r\n", "ab", false, ""},
		{"blank before the colon", "From : anna@example.com\r\n", "ab", false, ""},
		{"quoted local part", "From: \"a@b,c\"@example.com\r\n", "ab", false, ""},
		{"group", "From: Team: anna@example.com;\r\n", "ab", false, ""},
		{"two authors", "From: a@example.com, b@example.com\r\n", "ab", false, ""},
		{"authors of two domains", "From: a@example.com, b@other.example\r\n", "", false, "different domains"},
		{"two fields", "From: a@example.com\r\nFrom: a@example.com\r\n", "", false, "2 From fields"},
		{"foreign", "From: a@other.example\r\n", "", false, ""},
		{"two foreign fields", "From: a@other.example\r\nFrom: b@other.example\r\n", "", false, ""},
		{"below", "From: a@x.y.example.com\r\n", "a", false, ""},
		{"below, with a key", "From: a@own.example.com\r\n", "c", false, ""},
		{"below that", "From: a@x.own.example.com\r\n", "a", false, ""},
		{"similar", "From: a@notexample.com\r\n", "", false, ""},
		{"another script", "From: a@b\u00fccher.example\r\n", "d", false, ""},
		{"none", "Subject: x\r\n", "", false, ""},
		{"no address", "From: anna\r\n", "", false, ""},
		{"in the body", "Subject: x\r\n\r\nFrom: anna@example.com\r\n", "", false, ""},
		{"signed", ours + "From: a@example.com\r\n", "ab", true, ""},
		{"signed by another", "DKIM-Signature: v=1; d=other.example; s=x\r\nFrom: a@example.com\r\n", "ab", false, ""},
		{"open quote", "From: \"a <a@example.com>\r\n", "", false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := keys.Choose([]byte(tt.header))
			got := ""
			for _, k := range c.Keys {
				got += k.Selector
			}
			if got != tt.want || c.Own != tt.signed || c.Signed != strings.Contains(tt.header, "DKIM") || !strings.Contains(c.Why, tt.why) || (c.Why == "") != (tt.why == "") || c.Resign != (tt.want == "d") {
				t.Errorf("keys %q, %+v", got, c)
			}
		})
	}
	if c := (*Keys)(nil).Choose([]byte("From: a@example.com\r\n")); len(c.Keys) > 0 {
		t.Error("keys of nothing")
	}
}

// What is there is signed as often and once more, what later servers may add only
// when it is there.
func TestHeaderKeys(t *testing.T) {
	const header = "From: a\r\nto: b\r\nTo: c\r\nX-Note: d\r\nDATE: e\r\nReceived: f\r\n"
	for _, tt := range []struct {
		name  string
		names []string
		want  string
	}{
		{"usual", nil, "From From Reply-To Subject Date Date To To To Cc Content-Type Content-Transfer-Encoding"},
		{"sent again", nil, "From From Reply-To Subject To Cc Content-Type Content-Transfer-Encoding Resent-From Resent-From List-Archive List-Archive"},
		{"configured", []string{"From", "x-note", "Subject", "from"}, "From From x-note x-note"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			header := header
			if tt.name == "sent again" {
				header = "Resent-From: b\r\nResent-From: a\r\nFrom: a\r\nlist-archive: c\r\n"
			}
			if got := strings.Join(headerKeys([]byte(header), tt.names), " "); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
