package envelope

import (
	"strings"
	"testing"
)

func TestCheckMailbox(t *testing.T) {
	good := []string{"a@b", "a.b@c.example", "a..b@c.example", ".a@c.example", "a+b=c@d.example", `"a b"@c.example`, `"a\"b"@c.example`,
		`""@c.example`, "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "é@ü.example", `"é ü"@c.example`, "a\u200cb@c.example", "a_b@c_d.example", "o'neil@x.example", "a@xn--bcher-kva.example",
		"IMCEAEX-_O=ORG_OU=SITE_CN=RECIPIENTS_CN=USER@x.example"}
	bad := []string{"", "a", "@b", "a@", "a b@c", "a@b c", "a@b@c", "a<b@c", `"a@b`, `"a"b@c`, `a"b"@c`, "a@b.", "a@.b", "a@b..c", "a@[1.2.3.4", "a@[]",
		"a@b\x00", "a\x01@b", "\"a\x01\"@b", "\"a\\\x01\"@b", "a\xff@b", "a@b\u2028", "a\u00a0@b", "a@(b)", "a,b@c", "a@" + strings.Repeat("b", 256),
		"\"\u0085\"@b", "\"a\u2028b\"@c", "\"\u2029\"@b", "\"\u202e\"@b", "a\u202e@b", "\"\u2066\"@b", "a@b\u200f"}
	for _, s := range good {
		if err := CheckMailbox(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range bad {
		if CheckMailbox(s) == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}
