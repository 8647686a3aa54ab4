package delivery

import (
	"strings"
	"testing"
)

// ownReceived is a field as the relay writes it.
func ownReceived(hostname string) string {
	return "Received: from exch01.example.com ([10.1.2.3])\r\n\tby " + hostname + " with ESMTP id x-1\r\n\tfor <b@rcpt.example>;\r\n\tThu, 1 Jan 1970 00:00:00 +0000\r\n"
}

func TestCountReceived(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	own := ownReceived("relay.example")
	tests := []struct {
		name, message string
		want          hops
	}{
		{"none", "Subject: x\r\n\r\nReceived: no\r\n", hops{}},
		{"case and space", "RECEIVED: a\r\nreceived : b\r\nReceived-SPF: c\r\nX-Received: d\r\n\r\n", hops{all: 2}},
		{"bare LF", "Received: a\nReceived: b\n\nReceived: c\n", hops{all: 2}},
		{"no end", "Received: a", hops{all: 1}},
		{"folded", "Subject: a\r\n Received: b\r\n\r\n", hops{}},
		{"long line", "Subject: " + long + "Received: x\r\nReceived: y\r\n\r\n", hops{all: 1}},
		{"empty", "", hops{}},
		{"own", own + "Received: by relay.example; now\r\n" + own + "Subject: x\r\n\r\n" + own, hops{3, 2}},
		{"own, case", strings.Replace(own, "relay.example", "Relay.EXAMPLE", 1) + "\r\n", hops{1, 1}},
		{"own, of another name", ownReceived("relay2.example") + "\r\n", hops{1, 0}},
		{"own, folded by others", strings.ReplaceAll(own, "\r\n\t", " ") + strings.ReplaceAll(own, " ", "\r\n  ") + "\r\n", hops{2, 2}},
		{"own, without an end", own[:len(own)-2], hops{1, 1}},
		{"own, in another field", "X: " + own[len("Received: "):] + "\r\n", hops{}},
		{"own, behind a long line", "X: " + long + "\r\n" + own + "\r\n", hops{1, 1}},
		{"own, followed by a long line", own[:len(own)-2] + "\r\n " + long + "\r\n" + own + "\r\n", hops{2, 2}},
		{"Exchange by our name", "Received: from a (10.1.2.3) by relay.example (10.1.2.4) with Microsoft SMTP Server id 15.0\r\n\r\n", hops{1, 0}},
		{"Postfix by our name", "Received: from a (a [10.1.2.3])\r\n\tby relay.example (Postfix) with ESMTP id 1\r\n\r\n", hops{1, 0}},
		{"Exim by our name", "Received: from a ([10.1.2.3])\r\n\tby relay.example with esmtp (Exim 4.97) id 1\r\n\r\n", hops{1, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := countReceived(strings.NewReader(tt.message), int64(len(tt.message)), "relay.example")
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}
