package rewrite

import "testing"

func TestAuthServID(t *testing.T) {
	for value, want := range map[string]string{
		" relay.example; dkim=pass":            "relay.example",
		" relay.example 1; none":               "relay.example",
		"\r\n\trelay.example;\r\n\tspf=none":   "relay.example",
		" (a (b\\)) c) relay.example(x); none": "relay.example",
		` "relay.example"; none`:               "relay.example",
		" ; none":                              "",
		" (never closed relay.example":         "",
		"":                                     "",
	} {
		if got := authServID(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}
