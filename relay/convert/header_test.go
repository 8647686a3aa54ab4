package convert

import (
	"strings"
	"testing"
)

// Each field in ASCII, as it is written.
func TestFields(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"Subject", " Gr\u00f6\u00dfe\r\n", " =?utf-8?b?R3LDtsOfZQ==?=\r\n"},
		{"Subject", "Gr\u00f6\u00dfe", "=?utf-8?b?R3LDtsOfZQ==?="},
		{"Subject", " a\r\n \u00f6\r\n", " a\r\n =?utf-8?b?w7Y=?=\r\n"},
		{"X-Note", " \xfc x\r\n", " =?unknown-8bit?b?/A==?= x\r\n"},
		{"Subject", " " + strings.Repeat("\u00f6", 30) + "\r\n", " =?utf-8?b?w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7Y=?=\r\n =?utf-8?b?w7bDtsO2w7bDtsO2w7bDtg==?=\r\n"},
		{"From", " a@b\u00fccher.example\r\n", " a@xn--bcher-kva.example\r\n"},
		{"From", " \u00f6<a@example.com>\r\n", " =?utf-8?b?w7Y=?= <a@example.com>\r\n"},
		{"To", " \"\u00d6, \\\"x\\\"\" <a@example.com>, b@example.com\r\n", " =?utf-8?q?=C3=96=2C_=22x=22?= <a@example.com>, b@example.com\r\n"},
		{"To", " \u00d6 \"Berg\" \u00e4 <a@example.com>\r\n", " =?utf-8?b?w5Y=?= \"Berg\" =?utf-8?b?w6Q=?= <a@example.com>\r\n"},
		{"Content-Type", " text/plain; name=\u00f6.txt; charset=utf-8\r\n", " text/plain; name*=utf-8''%C3%B6.txt; charset=utf-8\r\n"},
		{"Content-Disposition", " attachment; filename=\"" + strings.Repeat("\u00f6", 12) + "\"\r\n",
			" attachment; filename*0*=utf-8''%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3;\r\n\tfilename*1*=%B6%C3%B6%C3%B6%C3%B6\r\n"},
		{"Received", " from x by y for <\u00f6@x.example>; today\r\n", " from x by y; today\r\n"},
		{"Received", " from x by y for <o@x.example> (\u00f6); today\r\n", " from x by y for <o@x.example> (??); today\r\n"},
	} {
		t.Run(tt.name+tt.in, func(t *testing.T) {
			if got, err := encodeField(tt.name, tt.in); got != tt.want || err != nil {
				t.Errorf("got %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}
