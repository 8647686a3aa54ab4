package envelope

import (
	"strings"
	"testing"
)

func TestASCIIDomain(t *testing.T) {
	for _, tt := range []struct{ domain, want string }{
		{"Example.COM.", "example.com"},
		{"Bücher.example", "xn--bcher-kva.example"},
		{"bu\u0308cher.example", "xn--bcher-kva.example"}, // decomposed
		{"straße.example", "xn--strae-oqa.example"},       // not "strasse": RFC 5891 §4
		{"他们为什么不说中文。example", "xn--ihqwcrb4cv8a8dqg056pqjye.example"},
		{"-ü.example", "-ü.example"}, // IDNA refuses it; it stays
	} {
		t.Run(tt.domain, func(t *testing.T) {
			if got := ASCIIDomain(tt.domain); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestASCIIDomainIsBounded(t *testing.T) {
	long := strings.Repeat("ü.", 50000) + "example"
	if got := ASCIIDomain(long); got != long {
		t.Errorf("%.20q: a domain longer than any was encoded", got)
	}
}
