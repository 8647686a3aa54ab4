package tnef_test

import (
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

func TestCodepages(t *testing.T) {
	for _, c := range []struct {
		page     int
		in, want string
	}{
		{1252, "Gr\xfc\xdfe \x80", "Grüße €"},
		{0, "Gr\xfc\xdfe", "Grüße"},
		{1252, "\x81", "\uFFFD"},
		{1251, "\xcf\xf0\xe8", "При"},
		{874, "\xe1\xa1", "แก"},
		{932, "\x89\xef\x8bc", "会議"},
		{932, "\xff", "\uFFFD"},
		{936, "\xbb\xe1\xd2\xe9", "会议"},
		{949, "\xc8\xb8\xc0\xc7", "회의"},
		{950, "\xb7|\xc4\xb3", "會議"},
		{50220, "\x1b$B2q5D\x1b(B", "会議"},
		{65001, "\xc3\xbc\xff", "ü\uFFFD"},
		{20127, "abc", "abc"},
		{4711, "abc", "abc"},
	} {
		in := newStream().attr(1, tnef.AttOemCodepage, string([]byte{byte(c.page), byte(c.page >> 8), byte(c.page >> 16), 0, 0, 0, 0, 0})).
			attr(1, tnef.AttSubject, c.in+"\x00")
		m, err := tnef.Read(in, tnef.Limits{})
		if err != nil {
			t.Errorf("code page %d: %v", c.page, err)
			continue
		}
		if got, _ := m.Props.Get(tnef.PidTagSubject).Text(); got != c.want {
			t.Errorf("code page %d: %q is %q, want %q", c.page, c.in, got, c.want)
		}
	}
}
