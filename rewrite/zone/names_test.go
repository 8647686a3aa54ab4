package zone_test

import (
	"slices"
	"testing"

	"github.com/reconvene/reconvene/rewrite/zone"
)

func TestLookup(t *testing.T) {
	lotus, daylight := zone.Hints{Lotus: true}, zone.Hints{Daylight: true}
	for _, tc := range []struct {
		tzid  string
		hints zone.Hints
		kind  zone.Kind
		want  string
	}{
		{"Europe/Berlin", zone.Hints{}, zone.IANA, "Europe/Berlin"},
		{"EUROPE/berlin", zone.Hints{}, zone.IANA, "Europe/Berlin"},
		{"US/Eastern", zone.Hints{}, zone.IANA, "US/Eastern"},
		{`"America/New_York"`, zone.Hints{}, zone.IANA, "America/New_York"},
		{"Europe/Brussels\x00\x00\x00", zone.Hints{}, zone.IANA, "Europe/Brussels"},
		{"W. Europe Standard Time", zone.Hints{}, zone.Windows, "Europe/Berlin"},
		{"w. europe  standard time", zone.Hints{}, zone.Windows, "Europe/Berlin"},
		{"India Standard Time", zone.Hints{}, zone.Windows, "Asia/Kolkata"},
		{"FLE Standard Time", zone.Hints{}, zone.Windows, "Europe/Kyiv"},
		{"Kamchatka Standard Time", zone.Hints{}, zone.Windows, "Asia/Kamchatka"},
		{"UTC-11", zone.Hints{}, zone.Windows, "Etc/GMT+11"},
		{"Coordinated Universal Time", zone.Hints{}, zone.Windows, "Etc/UTC"},
		{"(GMT-06.00) Central Time (US & Canada)", zone.Hints{}, zone.CDO, "America/Chicago"},
		{"(GMT-08.00) Pacific Time (US & Canada)/Tijuana", zone.Hints{}, zone.CDO, "America/Los_Angeles"},
		{"(GMT+01.00) Sarajevo/Warsaw/Zagreb", zone.Hints{Number: "2"}, zone.CDO, "Europe/Warsaw"},
		{"(GMT+01.00) Entirely/Unknown", zone.Hints{Number: "4"}, zone.CDO, "Europe/Berlin"},
		{"(GMT) Coordinated Universal Time", zone.Hints{}, zone.Display, "Etc/UTC"},
		{"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", zone.Hints{}, zone.Display, "Europe/Berlin"},
		{`(UTC+01:00) Brussels\, Copenhagen\, Madrid\, Paris`, zone.Hints{}, zone.Display, "Europe/Paris"},
		{"(GMT-05:00) Eastern Time (US & Canada)", zone.Hints{}, zone.Display, "America/New_York"},
		{"Canberra, Melbourne, Sydney", zone.Hints{}, zone.Display, "Australia/Sydney"},
		{"(GMT+01:00) Bruxelles, Copenhague, Madrid, Paris", zone.Hints{}, zone.Display, "Europe/Paris"},
		{"(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien", zone.Hints{}, zone.Display, "Europe/Berlin"},
		{"(GMT+01.00) Bruselas, Copenhague, Madrid, París", zone.Hints{}, zone.CDO, "Europe/Paris"},
		{"(UTC+01:00) Ámsterdam, Berlín, Berna, Roma, Estocolmo, Viena", zone.Hints{}, zone.Display, "Europe/Berlin"},
		{"(GMT + 1.00 h) Amsterdam, Berlino, Berna, Roma, Stoccolma, Vienna", zone.Hints{}, zone.Display, "Europe/Berlin"},
		{"(GMT - 5.00 h) Fuso orientale (USA e Canada)", zone.Hints{}, zone.Display, "America/New_York"},
		{"(UTC+01:00) Sarajewo, Skopie, Warszawa, Zagrzeb", zone.Hints{}, zone.Display, "Europe/Warsaw"},
		{"(GMT +01:00) Belgrad, Bratislava, Budapest, Ljubljana, Prag", zone.Hints{}, zone.Display, "Europe/Budapest"},
		{"Mitteleuropäische Zeit", zone.Hints{}, zone.Display, "Europe/Berlin"},
		{"MitteleuropÃ¤ische Zeit", zone.Hints{}, zone.Garbled, ""},
		{"(GMT+01:00) Irgendwo", zone.Hints{}, zone.Display, ""},
		{"/softwarestudio.org/Tzfile/America/Chicago", zone.Hints{}, zone.Prefixed, "America/Chicago"},
		{"/softwarestudio.org/Olson_20011030_5/Europe/Berlin", zone.Hints{}, zone.Prefixed, "Europe/Berlin"},
		{"/freeassociation.sourceforge.net/Europe/Berlin", zone.Hints{}, zone.Prefixed, "Europe/Berlin"},
		{"(GMT-03:00)", zone.Hints{}, zone.Offset, "Etc/GMT+3"},
		{"GMT -0500 (Standard) / GMT -0400 (Daylight)", zone.Hints{}, zone.OffsetPair, ""},
		{`GMT -0800 (Standard) / GMT -0700 (Daylight)\n`, zone.Hints{}, zone.OffsetPair, ""},
		{"Customized Time Zone", zone.Hints{}, zone.Customized, ""},
		{"tzone://Microsoft/Custom", zone.Hints{}, zone.Customized, ""},
		{"tzone://Microsoft/Utc", zone.Hints{}, zone.Customized, "Etc/UTC"},
		{"W. Europe", zone.Hints{}, zone.Lotus, "Europe/Berlin"},
		{"Eastern", lotus, zone.Lotus, "America/New_York"},
		{"Mexico", lotus, zone.Lotus, "America/Mexico_City"},
		{"GMT", zone.Hints{}, zone.IANA, "GMT"},
		{"GMT", lotus, zone.LotusGMT, "Europe/London"},
		{"GMT", daylight, zone.LotusGMT, "Europe/London"},
		{"/freeassociation.sourceforge.net/Tzfile/Europe/Ljubljana", zone.Hints{}, zone.Prefixed, "Europe/Ljubljana"},
		{"/citadel.org/20260108_1/Etc/GMT-12", zone.Hints{}, zone.Prefixed, "Etc/GMT-12"},
		{"/mozilla.org/20070129_1/Europe/Berlin", zone.Hints{}, zone.Prefixed, "Europe/Berlin"},
		{"posix/Europe/Vaduz", zone.Hints{}, zone.Prefixed, "Europe/Vaduz"},
		{"http://tzurl.org/zoneinfo-outlook/Europe/Berlin", zone.Hints{}, zone.Prefixed, "Europe/Berlin"},
		{"lotus.com/Europe/Berlin", zone.Hints{}, zone.Prefixed, "Europe/Berlin"},
		{"/ximian.com/Tzfile/UTC", zone.Hints{}, zone.Prefixed, "UTC"},
		{"Office/Europe/Berlin", zone.Hints{}, zone.Unknown, ""},
		{"/vendor.example/Europe/Nowhere", zone.Hints{}, zone.Unknown, ""},
		{"Eastern Standard Time 1", zone.Hints{}, zone.Numbered, "America/New_York"},
		{"W. Europe Standard Time (12)", zone.Hints{}, zone.Numbered, "Europe/Berlin"},
		{"Central Standard Time (Mexico) 2", zone.Hints{}, zone.Numbered, "America/Mexico_City"},
		{"Mexico Standard Time 2", zone.Hints{}, zone.Windows, "America/Chihuahua"},
		{"Europe/Berlin 1", zone.Hints{}, zone.Numbered, "Europe/Berlin"},
		{"Room 12", zone.Hints{}, zone.Unknown, ""},
		{"Etc/GMT 1", zone.Hints{}, zone.Unknown, ""},
		{"GMT 1", zone.Hints{}, zone.Unknown, ""},
		{"UTC-07:00", zone.Hints{}, zone.Offset, "Etc/GMT+7"},
		{"+02:00", zone.Hints{}, zone.Offset, "Etc/GMT-2"},
		{"+2", zone.Hints{}, zone.Offset, "Etc/GMT-2"},
		{"-0500", zone.Hints{}, zone.Offset, "Etc/GMT+5"},
		{"\u22125", zone.Hints{}, zone.Offset, "Etc/GMT+5"},
		{"UTC +2", zone.Hints{}, zone.Offset, "Etc/GMT-2"},
		{"GMT+0200", zone.Hints{}, zone.Offset, "Etc/GMT-2"},
		{"gmt+02:00:00", zone.Hints{}, zone.Offset, "Etc/GMT-2"},
		{"(UTC+02:00)", zone.Hints{}, zone.Offset, "Etc/GMT-2"},
		{"(UTC)", zone.Hints{}, zone.Offset, "Etc/UTC"},
		{"(GMT)", lotus, zone.Display, ""},
		{"+00:00", zone.Hints{}, zone.Offset, "Etc/UTC"},
		{"UTC+14", zone.Hints{}, zone.Offset, "Etc/GMT-14"},
		{"UTC+15", zone.Hints{}, zone.Unknown, ""},
		{"GMT+05:30", zone.Hints{}, zone.Offset, "UTC+0530"},
		{"-0930", zone.Hints{}, zone.Offset, "UTC-0930"},
		{"+05:37", zone.Hints{}, zone.Unknown, ""},
		{"(UTC+02:00", zone.Hints{}, zone.Unknown, ""},
		{"whatever", zone.Hints{Location: "Europe/Paris"}, zone.Unknown, "Europe/Paris"},
		{"Local", zone.Hints{}, zone.Unknown, ""},
		{"", zone.Hints{}, zone.Unknown, ""},
		{"\x15", zone.Hints{}, zone.Unknown, ""},
		{"/../../etc/passwd", zone.Hints{}, zone.Unknown, ""},
	} {
		t.Run(tc.tzid, func(t *testing.T) {
			if got, ok := zone.Lookup(tc.tzid, tc.hints); got != tc.want || ok != (tc.want != "") {
				t.Errorf("Lookup = %q, %v, want %q", got, ok, tc.want)
			}
			if got := zone.Classify(tc.tzid, tc.hints); got != tc.kind {
				t.Errorf("Classify = %d, want %d", got, tc.kind)
			}
		})
	}
}

func TestCandidatesKeepTheNameFirst(t *testing.T) {
	got := zone.Candidates("(GMT+01.00) Sarajevo/Warsaw/Zagreb", zone.Hints{Location: "Europe/Zagreb", Number: "6"})
	if want := []string{"Europe/Zagreb", "Europe/Warsaw", "Europe/Prague"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		`(UTC+03:00) Moscow\, St. Petersburg`: "(UTC+03:00) Moscow, St. Petersburg",
		`"Eastern  Standard Time" `:           "Eastern Standard Time",
		`GMT -0800\n`:                         "GMT -0800",
		"Europe/Brussels\x00\x00":             "Europe/Brussels",
		"\x15":                                "\x15",
		"plain":                               "plain",
		"'Europe/Berlin'":                     "Europe/Berlin",
		`" 'Europe/Berlin' "`:                 "Europe/Berlin",
		"Cote d'Ivoire":                       "Cote d'Ivoire",
	} {
		if got := zone.Normalize(in); got != want || zone.Normalize(got) != got {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{"Asia/Calcutta": "Asia/Kolkata", "Europe/Berlin": "Europe/Berlin", "Europe/Stockholm": "Europe/Stockholm"} {
		if got := zone.Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		zone.Lookup("W. Europe Standard Time", zone.Hints{})
	}
}
