package zone

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Kind is the kind of name of a TZID.
type Kind uint8

const (
	Unknown    Kind = iota
	IANA            // Europe/Berlin
	Prefixed        // /freeassociation.sourceforge.net/Europe/Berlin
	Windows         // W. Europe Standard Time
	CDO             // (GMT+01.00) Berlin/Stockholm/Rome/Bern/Vienna
	Display         // (UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna
	OffsetPair      // GMT -0500 (Standard) / GMT -0400 (Daylight)
	Customized      // Customized Time Zone, tzone://Microsoft/Custom
	Lotus           // W. Europe
	LotusGMT        // GMT, meaning the United Kingdom
	Garbled         // unknown, with letters outside of ASCII
	Numbered        // Eastern Standard Time 1
	Offset          // +02:00, UTC+2, GMT+0200, (UTC+02:00)
)

// Hints are what a calendar contains about a zone in addition to its name.
type Hints struct {
	Location string // X-LIC-LOCATION of the VTIMEZONE
	Number   string // X-MICROSOFT-CDO-TZID of the VTIMEZONE
	Lotus    bool   // PRODID is that of Lotus Notes or Domino
	Daylight bool   // the VTIMEZONE has a DAYLIGHT observance
}

func isLotus(prodid string) bool {
	p := strings.ToLower(prodid)
	return strings.Contains(p, "lotus") || strings.Contains(p, "domino") || strings.Contains(p, "hcl technologies")
}

// Normalize returns the common spelling of a TZID: escapes are decoded
// (tz-escape-mismatch), quotes of both kinds, control characters and a "\n" at the
// end are removed (tz-newline, tz-nul-padding), and blanks are collapsed. A name of
// nothing else is returned unchanged (tz-control-char).
func Normalize(tzid string) string {
	if clean(tzid) {
		return tzid
	}
	s := strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f:
			return -1
		}
		return r
	}, ical.UnescapeText(tzid))
	s = strings.Join(strings.Fields(strings.Trim(s, `"' `)), " ")
	if s == "" {
		return tzid
	}
	return s
}

// clean reports whether Normalize has nothing to do.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ', c == 0x7f, c == '\\', c == '"':
			return false
		case c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' '), c == '\'' && (i == 0 || i == len(s)-1):
			return false
		}
	}
	return true
}

var (
	displayForm = regexp.MustCompile(`^\((?:GMT|UTC)(?: ?[+-] ?\d\d?([:.])\d\d( h)?)?\) *(.*)$`)
	pairForm    = regexp.MustCompile(`^GMT ?[+-]\d{4} \(Standard\) / GMT ?[+-]\d{4} \(Daylight\)$`)
	numberForm  = regexp.MustCompile(`^(.*[^ ])[ _#-] ?\(?\d{1,3}\)?$`)
)

// maxName bounds the names that are looked at; the longest real one has 90
// octets.
const maxName = 255

// Classify returns the kind of name of a TZID.
func Classify(tzid string, h Hints) Kind {
	name := Normalize(tzid)
	lower := strings.ToLower(name)
	switch {
	case name == "" || len(name) > maxName:
		return Unknown
	case lower == "gmt" && (h.Lotus || h.Daylight):
		return LotusGMT
	case strings.HasPrefix(lower, "customized time zone"), strings.HasPrefix(lower, "tzone://microsoft/"):
		return Customized
	}
	if _, ok := ianaNames.get(lower); ok {
		return IANA
	}
	if _, ok := windowsKeys.get(lower); ok {
		return Windows
	}
	if base, _ := numbered(name); base != "" {
		return Numbered
	}
	if _, ok := bareOffset(name); ok && !(h.Lotus && lower == "(gmt)") {
		return Offset
	}
	if m := displayForm.FindStringSubmatch(name); m != nil {
		// an Italian Windows writes (GMT + 1.00 h)
		if m[1] == "." && m[2] == "" || strings.Contains(m[3], "/") {
			return CDO
		}
		return Display
	}
	switch {
	case pairForm.MatchString(name):
		return OffsetPair
	case suffix(name) != "":
		return Prefixed
	}
	if _, ok := windowsKeys.get(lower + " standard time"); ok {
		return Lotus
	}
	if _, ok := byDisplay(name); ok {
		return Display
	}
	if strings.IndexFunc(name, func(r rune) bool { return r > 0x7f }) >= 0 {
		return Garbled
	}
	return Unknown
}

// Lookup returns the IANA zone that a TZID most likely means. It uses names and
// hints only: a caller that has a VTIMEZONE must check the result by Agree.
func Lookup(tzid string, h Hints) (string, bool) {
	if name := Normalize(tzid); len(name) <= maxName && !strings.EqualFold(name, "gmt") {
		if zone, ok := ianaNames.get(strings.ToLower(name)); ok && zone != "" {
			return zone, true // the first of Candidates
		}
	}
	if c := Candidates(tzid, h); len(c) > 0 {
		return c[0], true
	}
	return "", false
}

// Candidates returns the IANA zones that a TZID can mean, the most likely first: by
// its own name, by X-LIC-LOCATION, as a Windows key, a name of Lotus Notes or a
// display name, and last by the number of CDO, which in real messages sometimes
// contradicts the text.
func Candidates(tzid string, h Hints) []string {
	name := Normalize(tzid)
	if name == "" || len(name) > maxName {
		return nil
	}
	var out []string
	add := func(zone string, ok bool) {
		if ok && zone != "" && !slices.Contains(out, zone) {
			out = append(out, zone)
		}
	}
	lower := strings.ToLower(name)
	if lower == "gmt" && (h.Lotus || h.Daylight) {
		// QUIRK(domino): tz-lotus-gmt, the name of the British zone
		return append(out, "Europe/London")
	}
	add(ianaNames.get(lower))
	certain := len(out) > 0 // a name of IANA's is no other
	add(suffix(name), true)
	if location, ok := ianaNames.fold(Normalize(h.Location)); ok {
		add(location, true)
	}
	if key, ok := windowsKeys.get(lower); ok {
		add(key, true)
	} else if !certain {
		add(windowsKeys.get(lower + " standard time"))
		_, zone := numbered(name)
		add(zone, zone != "")
		add(byDisplay(name))
		if !(h.Lotus && lower == "(gmt)") {
			add(byOffset(name))
		}
	}
	add(cdoNumbers.get(h.Number))
	return out
}

// Canonical returns the present name for an obsolete IANA name.
func Canonical(name string) string {
	if z, ok := successors.get(name); ok {
		return z
	}
	return name
}

// suffix drops the segments that vendors put before an IANA name
// ("/citadel.org/20260108_1/Europe/Berlin", "posix/Europe/Vaduz",
// "http://tzurl.org/zoneinfo/Europe/Berlin"), "" when none is left. The first
// segment must look like a vendor's: empty, a domain name, or a kind of file.
func suffix(name string) string {
	first, _, ok := strings.Cut(name, "/")
	if !ok || first == "tzone:" || first != "" && first != "posix" && first != "right" && !strings.ContainsAny(first, ".:") {
		return ""
	}
	for range 8 {
		_, rest, ok := strings.Cut(name, "/")
		if !ok {
			return ""
		}
		if z, ok := ianaNames.fold(rest); ok {
			return z
		}
		name = rest
	}
	return ""
}

// numbered takes the number off a name of Windows, or of a place of IANA's:
// Exchange counts the zones that it knows by the same name with other rules.
func numbered(name string) (base, zone string) {
	if c := name[len(name)-1]; c != ')' && (c < '0' || c > '9') {
		return "", ""
	}
	m := numberForm.FindStringSubmatch(name)
	if m == nil {
		return "", ""
	}
	lower := strings.ToLower(m[1])
	if z, ok := windowsKeys.get(lower); ok && strings.Contains(lower, " time") {
		return m[1], z
	}
	if z, ok := ianaNames.get(lower); ok && strings.Contains(lower, "/") && !strings.HasPrefix(lower, "etc/") {
		return m[1], z
	}
	return "", ""
}

// byDisplay finds a display name, with its "(GMT+01.00) " or without.
func byDisplay(name string) (string, bool) {
	z, ok := displays()[displayKey(name)]
	return z, ok
}

var displays = sync.OnceValue(func() map[string]string {
	m := make(map[string]string, len(displayNames))
	for _, d := range displayNames {
		m[displayKey(d[0])] = d[1]
	}
	return m
})

// displayKey makes a display name comparable: no offset, lower case, cities
// in order. CDO parts them by "/", Outlook by "," or ";", and their order has
// changed over the years.
func displayKey(name string) string {
	if m := displayForm.FindStringSubmatch(name); m != nil {
		name = m[3]
	}
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ',' || r == ';' || r == '/' || r == ':' })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	slices.Sort(parts)
	return strings.Join(slices.Compact(parts), "/")
}
