package envelope

import "testing"

func TestDecodeXtext(t *testing.T) {
	for in, want := range map[string]string{"": "", "QQ314159": "QQ314159", "full+2B1": "full+1", "a+3Db+20": "a=b ", "+2b": "+", "+": "+", "a+2": "a+2", "+GG+41": "+GGA", "+-1": "+-1"} {
		if got := DecodeXtext(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
