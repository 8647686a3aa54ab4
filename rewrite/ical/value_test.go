package ical_test

import (
	"slices"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

func TestDateTime(t *testing.T) {
	tests := []struct {
		in   string
		form ical.Form
		out  string // "" when it is none
	}{
		{"20260302", ical.Date, "20260302"},
		{"20260302T140000", ical.Local, "20260302T140000"},
		{"20260302T140000Z", ical.UTC, "20260302T140000Z"},
		{"20161231T235960Z", ical.UTC, "20161231T235959Z"},
		{"16010101T000000", ical.Local, "16010101T000000"},
		{"20240229", ical.Date, "20240229"},
		{"20230229", 0, ""},
		{"20261301", 0, ""},
		{"20260302T240000", 0, ""},
		{"20260302T14000", 0, ""},
		{"20260302T140000z", 0, ""},
		{"20260302T140000-0500", 0, ""},
		{"2026-03-02", 0, ""},
		{"+2026302", 0, ""},
		{"20260302 140000", 0, ""},
		{"", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			d, ok := ical.ParseDateTime(tt.in)
			if ok != (tt.out != "") {
				t.Fatalf("ok is %v", ok)
			}
			if ok && (d.Form != tt.form || d.String() != tt.out) {
				t.Errorf("got %v %q, want %v %q", d.Form, d, tt.form, tt.out)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	tests := []struct {
		in   string
		want ical.Duration
		out  string // "" when it is none
	}{
		{"PT30M", ical.Duration{Clock: 30 * time.Minute}, "PT30M"},
		{"-PT00H15M00S", ical.Duration{Negative: true, Clock: 15 * time.Minute}, "-PT15M"},
		{"+P1D", ical.Duration{Days: 1}, "P1D"},
		{"P2W", ical.Duration{Days: 14}, "P2W"},
		{"P1W1D", ical.Duration{Days: 8}, "P8D"},
		{"P1DT2H", ical.Duration{Days: 1, Clock: 2 * time.Hour}, "P1DT2H"},
		{"PT1H30S", ical.Duration{Clock: time.Hour + 30*time.Second}, "PT1H0M30S"},
		{"PT90M", ical.Duration{Clock: 90 * time.Minute}, "PT1H30M"},
		{"PT0S", ical.Duration{}, "PT0S"},
		{"-P0D", ical.Duration{Negative: true}, "PT0S"},
		{"P9999999W", ical.Duration{Days: 69999993}, "P9999999W"},
		{"P", ical.Duration{}, ""},
		{"PT", ical.Duration{}, ""},
		{"P1DT", ical.Duration{}, ""},
		{"P1H", ical.Duration{}, ""},
		{"PT1D", ical.Duration{}, ""},
		{"PT1M1H", ical.Duration{}, ""},
		{"PT1M1M", ical.Duration{}, ""},
		{"P1", ical.Duration{}, ""},
		{"PT1.5H", ical.Duration{}, ""},
		{"P12345678D", ical.Duration{}, ""},
		{"1D", ical.Duration{}, ""},
		{"", ical.Duration{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			d, ok := ical.ParseDuration(tt.in)
			if ok != (tt.out != "") || ok && d != tt.want {
				t.Fatalf("got %+v %v, want %+v", d, ok, tt.want)
			}
			if ok && d.String() != tt.out {
				t.Errorf("written as %q, want %q", d, tt.out)
			}
		})
	}
}

func TestDurationAfter(t *testing.T) {
	from := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{"P1DT1H": "20260302T100000Z", "-P1DT1H": "20260228T080000Z", "P1W": "20260308T090000Z"} {
		d, _ := ical.ParseDuration(in)
		if got := (ical.DateTime{Wall: d.After(from), Form: ical.UTC}).String(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct{ escaped, plain, again string }{
		{`a\, b\; c\\d\ne`, "a, b; c\\d\ne", `a\, b\; c\\d\ne`},
		{`a\Nb`, "a\nb", `a\nb`},
		{`a, b; c`, "a, b; c", `a\, b\; c`},
		{`a\:b`, "a:b", "a:b"},
		{`a\`, `a\`, `a\\`},
	}
	for _, tt := range tests {
		t.Run(tt.escaped, func(t *testing.T) {
			if got := ical.UnescapeText(tt.escaped); got != tt.plain {
				t.Errorf("read as %q, want %q", got, tt.plain)
			}
			if got := ical.EscapeText(tt.plain); got != tt.again {
				t.Errorf("written as %q, want %q", got, tt.again)
			}
		})
	}
	if got, want := ical.EscapeText("a\r\nb\rc"), `a\nb\nc`; got != want {
		t.Errorf("line breaks: %q, want %q", got, want)
	}
}

func TestSplitList(t *testing.T) {
	for in, want := range map[string][]string{
		"":         {""},
		"a,b":      {"a", "b"},
		`a\,b,c`:   {`a\,b`, "c"},
		`a\\,b`:    {`a\\`, "b"},
		",":        {"", ""},
		`a,b\`:     {"a", `b\`},
		"20260302": {"20260302"},
	} {
		if got := ical.SplitList(in); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestDecodeParam(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a^nb": "a\nb", "^'a^'": `"a"`, "^^n": "^n", "a^": "a^", "^x": "^x"} {
		if got := ical.DecodeParam(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzDateTime(f *testing.F) {
	for _, s := range []string{"20260302", "20260302T140000", "20260302T140000Z", "20161231T235960Z", "00000101", "PT1H", "-P1DT2H3M4S", "P2W"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := ical.ParseDateTime(s); ok {
			if again, ok := ical.ParseDateTime(d.String()); !ok || again != d {
				t.Errorf("%q: %q is read as %v %v", s, d, again, ok)
			}
		}
		if d, ok := ical.ParseDuration(s); ok {
			again, ok := ical.ParseDuration(d.String())
			if !ok || again.Days != d.Days || again.Clock != d.Clock {
				t.Errorf("%q: %q is read as %v %v", s, d, again, ok)
			}
		}
		if plain := ical.UnescapeText(s); ical.UnescapeText(ical.EscapeText(plain)) != plain && !hasCR(plain) {
			t.Errorf("%q: not the same text", s)
		}
	})
}

// hasCR: a CR in a text comes back as LF.
func hasCR(s string) bool { return slices.Contains([]byte(s), '\r') }

// Months have the days that package time gives them.
func TestDaysOf(t *testing.T) {
	for year := range 10000 {
		for month := 1; month <= 12; month++ {
			if got, want := ical.DaysOf(year, month), time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(); got != want {
				t.Fatalf("%d-%d: %d days, not %d", year, month, got, want)
			}
		}
	}
}
