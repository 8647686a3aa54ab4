package smtpd

import (
	"strings"
	"testing"
)

// What is well-formed goes on as it came; what is not is left out with a reason,
// and the mail goes on.
func TestDSNParameters(t *testing.T) {
	long := strings.Repeat("x", 600)
	tests := []struct {
		line string
		want string // the parameters that go on
		why  string // what the reason says about the one that does not
	}{
		// RFC 3461 §4.2: any atom is a type, any xtext an address.
		{"RCPT TO:<b@x> ORCPT=rfc822;b+C3+B6b@x.example", "ORCPT=rfc822;b+C3+B6b@x.example", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;a+2bb@x.example", "ORCPT=rfc822;a+2bb@x.example", ""},
		{"RCPT TO:<b@x> ORCPT=RFC822;IMCEAEX-_O+3DX+2B20@x", "ORCPT=RFC822;IMCEAEX-_O+3DX+2B20@x", ""},
		{"RCPT TO:<b@x> orcpt=x400;/S+3DBob/C+3DDE/", "ORCPT=x400;/S+3DBob/C+3DDE/", ""},
		{"RCPT TO:<b@x> ORCPT=unknown;bob", "ORCPT=unknown;bob", ""},
		{"RCPT TO:<b@x> ORCPT=x-vendor_2;a;b", "ORCPT=x-vendor_2;a;b", ""},
		{"RCPT TO:<b@x> ORCPT=notes!;CN", "ORCPT=notes!;CN", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;", "ORCPT=rfc822;", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;+20", "ORCPT=rfc822;+20", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;<>(),:\"\\[]", "ORCPT=rfc822;<>(),:\"\\[]", ""},
		{"RCPT TO:<b@x> ORCPT=rfc822;" + long, "ORCPT=rfc822;" + long, ""},
		{`RCPT TO:<b@x> ORCPT=utf-8;b\x{F6}b@x`, `ORCPT=utf-8;b\x{F6}b@x`, ""},
		{"RCPT TO:<b@x> ORCPT=UTF-8;b\u00f6b@x", "ORCPT=UTF-8;b\u00f6b@x", ""},
		{`RCPT TO:<b@x> ORCPT=utf-8;b` + "\u00f6" + `\x{2B}@x`, `ORCPT=utf-8;b` + "\u00f6" + `\x{2B}@x`, ""},
		{"RCPT TO:<b@x> ORCPT=bob", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=;bob", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=a.b;bob", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=", "", "address type"},
		{"RCPT TO:<b@x> ORCPT", "", "address type"},
		{"RCPT TO:<b@x> ORCPT=rfc822;a+zz", "", "hexadecimal"},
		{"RCPT TO:<b@x> ORCPT=rfc822;a+2", "", "hexadecimal"},
		{"RCPT TO:<b@x> ORCPT=rfc822;a=b", "", "not xtext"},
		{"RCPT TO:<b@x> ORCPT=rfc822;b\u00f6b", "", "not xtext"},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\xf6b", "", "not UTF-8"},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u00f6\\b", "", `\x{`},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u00f6\\x{zz}", "", `\x{`},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u00f6+2Bb", "", "not allowed in a utf-8 address"},
		{"RCPT TO:<b@x> ORCPT=utf-8;b\u2028b", "", "not allowed in a utf-8 address"},
		{"RCPT TO:<b@x> NOTIFY=success,Delay,FAILURE", "NOTIFY=success,Delay,FAILURE", ""},
		{"RCPT TO:<b@x> NOTIFY=never ORCPT=rfc822;b", "NOTIFY=never ORCPT=rfc822;b", ""},
		{"RCPT TO:<b@x> NOTIFY=NEVER,SUCCESS ORCPT=rfc822;b", "ORCPT=rfc822;b", "neither NEVER"},
		{"RCPT TO:<b@x> NOTIFY=EXPIRED", "", "neither NEVER"},
		{"RCPT TO:<b@x> NOTIFY=", "", "neither NEVER"},
		{"RCPT TO:<b@x> NOTIFY=SUCCESS NOTIFY=NEVER", "NOTIFY=SUCCESS", "twice"},
		{"MAIL FROM:<b@x> RET=full ENVID=QQ+2b314", "RET=full ENVID=QQ+2b314", ""},
		{"MAIL FROM:<b@x> RET=BODY ENVID=a", "ENVID=a", "FULL nor HDRS"},
		{"MAIL FROM:<b@x> RET ENVID=a SIZE=5", "ENVID=a SIZE=5", "FULL nor HDRS"},
		{"MAIL FROM:<b@x> ENVID=" + long, "ENVID=" + long, ""},
		{"MAIL FROM:<b@x> ENVID=a=b", "", "not xtext"},
		{"MAIL FROM:<b@x> ENVID=\u00f6", "", "not xtext"},
		{"MAIL FROM:<b@x> ENVID=", "", "no value"},
	}
	for _, tt := range tests {
		t.Run(tt.line[:min(len(tt.line), 60)], func(t *testing.T) {
			cmd, bad := parseCommand(tt.line)
			if bad.Code != 0 {
				t.Fatal(bad)
			}
			var got []string
			for _, p := range cmd.params {
				got = append(got, p.keyword+"="+p.value)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("goes on: %q, want %q", s, tt.want)
			}
			switch {
			case tt.why == "" && len(cmd.leftOut) > 0, tt.why != "" && len(cmd.leftOut) != 1:
				t.Errorf("left out: %q", cmd.leftOut)
			case tt.why != "" && !strings.Contains(cmd.leftOut[0].Why, tt.why):
				t.Errorf("the reason %q does not say %q", cmd.leftOut[0].Why, tt.why)
			}
			if sent := cmd.forward(); strings.Contains(sent, "=") {
				t.Errorf("go-smtp would get %q", sent)
			}
		})
	}
}

// What is not about DSN is refused: unknown parameters with 555, malformed ones
// with 501.
func TestOtherParameters(t *testing.T) {
	for line, code := range map[string]int{
		"MAIL FROM:<b@x> MT-PRIORITY=3": 0, "MAIL FROM:<b@x> MT-PRIORITY=10": 501, "MAIL FROM:<b@x> MT-PRIORITY=+1": 501, "MAIL FROM:<b@x> MT-PRIORITY=": 501,
		"MAIL FROM:<b@x> BY=60;R": 0, "MAIL FROM:<b@x> BY=-60;N": 0, "MAIL FROM:<b@x> BY=0;R": 501, "MAIL FROM:<b@x> BY=60": 501, "MAIL FROM:<b@x> BY=60;RT": 501, "MAIL FROM:<b@x> BY=1234567890;N": 501,
		"MAIL FROM:<b@x> HOLDFOR=60": 555, "MAIL FROM:<b@x> REQUIRETLS": 0, "RCPT TO:<b@x> REQUIRETLS": 555, // REQUIRETLS, and the ones above, by Conn.allow
		"MAIL FROM:<b@x> NOTIFY=NEVER": 555, "RCPT TO:<b@x> RET=FULL": 555, "RCPT TO:<b@x> RRVS=2026-01-01T00:00:00Z": 555, "RCPT TO:<b@x> CONPERM": 555,
		"MAIL FROM:<b@x> SIZE=": 501, "MAIL FROM:<b@x> SIZE=-1": 501, "MAIL FROM:<b@x> SIZE=123456789012345678901": 501, "MAIL FROM:<b@x> SIZE=1 SIZE=1": 501,
		"MAIL FROM:<b@x> BODY=9BIT": 501, "MAIL FROM:<b@x> BODY=BINARYMIME": 504, "MAIL FROM:<b@x> SMTPUTF8=1": 501, "MAIL FROM:<b@x> AUTH=": 501,
		"MAIL FROM:<b@x> =1": 501, "MAIL FROM:<b@x> \u00f6=1": 501,
		"MAIL FROM:<b@x> SIZE=99999999999999999999 BODY=7bit SMTPUTF8 AUTH=a+zz=": 0, "MAIL FROM:<b@x>  AUTH=<>  size=0": 0,
	} {
		if _, bad := parseCommand(line); bad.Code != code {
			t.Errorf("%s: %v, want %d", line, bad, code)
		}
	}
}
