package relay

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCutPath(t *testing.T) {
	tests := []struct{ arg, path, params, err string }{
		{"TO:<a@b>", "a@b", "", ""},
		{"to: <a@b>  X=1 Y", "a@b", "X=1 Y", ""},
		{"TO:<>", "", "", ""},
		{"TO:<@a,@b:c@d>", "c@d", "", ""},
		{"TO:<@a:>", "", "", "mailbox"},
		{"TO:<@a>", "", "", "mailbox"},
		{`TO:<"a>b\"> c"@d> X`, `"a>b\"> c"@d`, "X", ""},
		{"TO:a@b", "", "", "< and >"},
		{"TO:<a@b", "", "", "< and >"},
		{`TO:<"a@b>`, "", "", "< and >"},
		{`TO:<"a\`, "", "", "< and >"},
		{"TO:<a@b>X", "", "", "no space"},
		{"FROM:<a@b>", "", "", "expected TO:"},
		{"TO", "", "", "expected TO:"},
	}
	for _, tt := range tests {
		t.Run(tt.arg, func(t *testing.T) {
			path, params, err := cutPath(tt.arg, "TO:")
			if path != tt.path || params != tt.params || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q, %q, %v", path, params, err)
			}
		})
	}
}

func TestCheckMailbox(t *testing.T) {
	good := []string{"a@b", "a.b@c.example", "a..b@c.example", ".a@c.example", "a+b=c@d.example", `"a b"@c.example`, `"a\"b"@c.example`,
		`""@c.example`, "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "é@ü.example", `"é ü"@c.example`, "a\u200cb@c.example", "a_b@c_d.example", "o'neil@x.example", "a@xn--bcher-kva.example",
		"IMCEAEX-_O=ORG_OU=SITE_CN=RECIPIENTS_CN=USER@x.example"}
	bad := []string{"", "a", "@b", "a@", "a b@c", "a@b c", "a@b@c", "a<b@c", `"a@b`, `"a"b@c`, `a"b"@c`, "a@b.", "a@.b", "a@b..c", "a@[1.2.3.4", "a@[]",
		"a@b\x00", "a\x01@b", "\"a\x01\"@b", "\"a\\\x01\"@b", "a\xff@b", "a@b\u2028", "a\u00a0@b", "a@(b)", "a,b@c", "a@" + strings.Repeat("b", 256),
		"\"\u0085\"@b", "\"a\u2028b\"@c", "\"\u2029\"@b", "\"\u202e\"@b", "a\u202e@b", "\"\u2066\"@b", "a@b\u200f"}
	for _, s := range good {
		if err := checkMailbox(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range bad {
		if checkMailbox(s) == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}

// FuzzCommand: whatever a command line is, what comes out of it cannot break out
// of a command, a reply, a log line or a header field.
func FuzzCommand(f *testing.F) {
	for _, seed := range []string{"MAIL FROM:<a@b.example> SIZE=1 BODY=8BITMIME", `RCPT TO:<"a> X"@b> NOTIFY=NEVER`, "RCPT TO:<@a:b@c>", "EHLO [1.2.3.4]",
		"BDAT 1 LAST", "rcpt to:<postmaster>", "MAIL FROM:<>", "AUTH PLAIN =", "RCPT TO:<\u00e9@b> ORCPT=utf-8;x",
		"RCPT TO:<b@c> ORCPT=utf-8;\u00e9 NOTIFY=NEVER,DELAY", "MAIL FROM:<b@c> RET=HDRS ENVID=a+2b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if !checkLine([]byte(line)) {
			return
		}
		cmd, bad := parseCommand(line)
		if bad.Code != 0 {
			return
		}
		if sent := cmd.forward(); strings.Count(sent, "\n") != 1 || !strings.HasSuffix(sent, "\r\n") {
			t.Errorf("go-smtp would get %q", sent)
		}
		if strings.ContainsAny(cleanHello(cmd.arg), "\r\n\t <>();") {
			t.Errorf("EHLO %q", cleanHello(cmd.arg))
		}
		for _, p := range cmd.params {
			for _, v := range []string{p.value, asciiRecipient(p.value)} {
				if hasControl(v) || strings.ContainsAny(v, " ") || !isASCII(v) && (p.keyword != "ORCPT" || !utf8.ValidString(v)) {
					t.Errorf("%s=%q goes on", p.keyword, v)
				}
			}
		}
		if cmd.path == "" {
			return
		}
		// The path, put into a command of ours, is read as the same path.
		again, bad := parseCommand("RCPT TO:<" + cmd.path + "> ORCPT=x;1")
		if bad.Code != 0 || again.path != cmd.path || len(again.params) != 1 {
			t.Errorf("%q is read again as %+v, %v", cmd.path, again, bad)
		}
	})
}
