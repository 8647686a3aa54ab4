package smtpd

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/reconvene/reconvene/relay/envelope"
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
			for _, v := range []string{p.value, envelope.ASCIIOriginal(p.value)} {
				if envelope.HasControl(v) || strings.ContainsAny(v, " ") || !envelope.IsASCII(v) && (p.keyword != "ORCPT" || !utf8.ValidString(v)) {
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
