package tnef

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func TestUID(t *testing.T) {
	const own = "040000008200e00074c5b7101a82e00800000000805a86260dffce010000000000000000100000006c6d150a04101e4dbeee3ba5cf7206cc"
	dated := own[:32] + "07ea0302" + own[40:]
	for _, tc := range []struct {
		name, goid string // hexadecimal
		uid, day   string
	}{
		{"of Outlook", own, strings.ToUpper(own), ""},
		{"of one occurrence", dated, strings.ToUpper(own), "20260302"},
		{"of another system", hex.EncodeToString(goidOf("abc-1@example.com", time.Time{})), "abc-1@example.com", ""},
		{"with more NULs", hex.EncodeToString(goidOf("abc\x00\x00", time.Time{})), "abc", ""},
		{"hexadecimal, but no global object id", hex.EncodeToString(goidOf("0400000082", time.Time{})), "0400000082", ""},
		{"with a line break", hex.EncodeToString(goidOf("a\nb", time.Time{})), "", ""},
		{"no UTF-8", hex.EncodeToString(goidOf("a\xff", time.Time{})), "", ""},
		{"of another class", "05" + own[2:], "", ""},
		{"cut", own[:70], "", ""},
		{"on the 31st of June", own[:32] + "07ea061f" + own[40:], "", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			uid, day, ok := uidOf(unhex(t, tc.goid))
			text := ""
			if !day.IsZero() {
				text = day.Format("20060102")
			}
			if !ok {
				uid, text = "", ""
			}
			if uid != tc.uid || text != tc.day || ok != (tc.uid != "") {
				t.Errorf("UID %q of %q, %v; want %q of %q", uid, text, ok, tc.uid, tc.day)
			}
			if ok && tc.name != "with more NULs" {
				if again := hex.EncodeToString(goidOf(uid, day)); again != tc.goid {
					t.Errorf("written again %s", again)
				}
			}
		})
	}
}
