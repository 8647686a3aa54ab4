package itip

import (
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// textForm checks the escapes of a TEXT (RFC 5545 §3.3.11). Commas and
// semicolons need one in what people read; an identity is compared as it is.
func textForm(v, property string) string {
	strict := false
	switch property {
	case "SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT":
		strict = true
	}
	strict = strict && (strings.IndexByte(v, ',') >= 0 || strings.IndexByte(v, ';') >= 0)
	for {
		n := strings.IndexByte(v, '\\')
		plain := v
		if n >= 0 {
			plain = v[:n]
		}
		switch {
		case strict && strings.ContainsAny(plain, ",;"):
			return "has a comma or semicolon without a backslash"
		case n < 0:
			return ""
		case n+1 == len(v) || !isEscaped(v[n+1]):
			return "has a backslash that does not escape anything"
		}
		v = v[n+2:]
	}
}

// isEscaped reports whether a character is one that a backslash escapes.
func isEscaped(c byte) bool { return c == '\\' || c == ';' || c == ',' || c == 'n' || c == 'N' }

// dateForm checks a DATE or DATE-TIME (RFC 5545 §3.3.4, §3.3.5).
func (f *former) dateForm(spec *property, typ Type, stated bool, v string) string {
	d, ok := ical.ParseDateTime(v)
	zoned := hasParams(f.line) && f.line.ParamValue("TZID") != ""
	switch {
	case !ok && typ == Date:
		return "is not a DATE"
	case !ok:
		return "is not a DATE-TIME"
	case typ == Date && d.Form != ical.Date:
		return "is not a DATE although VALUE says so"
	case typ == DateTime && d.Form == ical.Date:
		if stated || spec.others&date == 0 {
			return "is a DATE where a DATE-TIME is required"
		}
		return "is a date without VALUE=DATE"
	case spec.utc && d.Form != ical.UTC:
		return "must be in UTC"
	case d.Form != ical.Local && zoned:
		return "has a TZID but is not a time in a zone"
	case !spec.utc && isObservance(f.comp.Name) && d.Form != ical.Local:
		return "must be a local time"
	}
	return ""
}

func isObservance(name string) bool { return name == "STANDARD" || name == "DAYLIGHT" }

// periodForm checks a PERIOD (RFC 5545 §3.3.9).
func periodForm(spec *property, l *ical.Line, v string) string {
	first, second, ok := strings.Cut(v, "/")
	start, isTime := ical.ParseDateTime(first)
	if !ok || !isTime || start.Form == ical.Date {
		return "is not a PERIOD"
	}
	if spec.utc && start.Form != ical.UTC {
		return "must be in UTC"
	}
	if strings.IndexByte(second, 'P') >= 0 {
		if why := durationForm(second, true); why != "" {
			return "is not a PERIOD: its length " + why
		}
		return ""
	}
	switch end, isTime := ical.ParseDateTime(second); {
	case !isTime || end.Form != start.Form:
		return "is not a PERIOD: its end is not a DATE-TIME like its start"
	case !end.Wall.After(start.Wall):
		return "is not a PERIOD: its end is not after its start"
	}
	return ""
}

// durationForm checks a DURATION (RFC 5545 §3.3.6) to the letter: weeks stand
// alone, minutes between hours and seconds.
func durationForm(v string, positive bool) string {
	rest := strings.TrimPrefix(v, "+")
	negative := strings.HasPrefix(rest, "-")
	if len(rest) == len(v) {
		rest = strings.TrimPrefix(rest, "-")
	}
	rest, ok := strings.CutPrefix(rest, "P")
	units, seen, timed, want := "WDTHMS", "", false, false
	for ok && rest != "" {
		if rest[0] == 'T' && !timed {
			timed, want, units, rest = true, true, "HMS", rest[1:]
			continue
		}
		n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if n == 0 || n > 7 || n == len(rest) {
			return "is not a DURATION"
		}
		unit := rest[n]
		at := strings.IndexByte(units, unit)
		if at < 0 || (unit == 'W' || unit == 'D') == timed || seen == "W" {
			return "is not a DURATION"
		}
		units, rest, want = units[at+1:], rest[n+1:], false
		seen += string(unit)
	}
	switch {
	case !ok || seen == "" || want || strings.HasSuffix(seen, "HS") || strings.HasPrefix(seen, "W") && timed:
		return "is not a DURATION"
	case positive && negative && strings.Trim(v, "-PTWDHMS0") != "":
		return "must not be negative"
	}
	return ""
}

// paramForm checks an address, a URI, data or a token.
func paramForm(typ Type, v string) string {
	switch typ {
	case CalAddress:
		return addressForm(v)
	case URI:
		return uriForm(v)
	case Binary:
		return binaryForm(v)
	case Token:
		if v == "" || strings.ContainsAny(v, " \t,;:\"") {
			return "is not a valid name"
		}
	}
	return ""
}

// addressForm checks a CAL-ADDRESS (RFC 5545 §3.3.3): a URI, nearly always
// mailto with one address in it. An octet that is not ASCII is left to the
// question whether the receiver takes it.
func addressForm(v string) string {
	const scheme = "mailto:"
	if len(v) < len(scheme) || !strings.EqualFold(v[:len(scheme)], scheme) {
		return uriForm(v)
	}
	addr := v[len(scheme):]
	if strings.HasPrefix(addr, "//") {
		return "is not an address: mailto has no slashes"
	}
	at, ats := -1, 0
	for i := 0; i < len(addr); i++ {
		c := addr[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '.' {
			continue
		}
		switch c {
		case '@':
			at, ats = i, ats+1
		case '?': // RFC 6068 §2 allows them, and no program compares the address alone
			return "is not an address: header fields follow it"
		case '%':
			if hex := strings.ToUpper(addr[i:min(i+3, len(addr))]); hex == "%20" || hex == "%09" || hex == "%3C" || hex == "%3E" || hex == "%22" {
				return "is not an address: it has a " + hex
			}
		case '<', '>', '"', '\\', ';', ',', ':', '(', ')', '[', ']':
			return "is not an address: it has a " + string(c)
		default:
			if c <= ' ' || c == 0x7f {
				return "is not an address: it has a space"
			}
		}
	}
	if ats == 0 {
		if i := strings.Index(addr, "%40"); i > 0 && i+3 < len(addr) {
			return ""
		}
	}
	if at <= 0 || ats > 1 || at == len(addr)-1 || addr[at+1] == '.' || addr[len(addr)-1] == '.' {
		return "is not an address"
	}
	return ""
}

// uriForm checks that a URI has a scheme and no octet that none may have
// (RFC 3986 §2, §3.1).
func uriForm(v string) string {
	colon := strings.IndexByte(v, ':')
	if colon < 1 || v[0]|0x20 < 'a' || v[0]|0x20 > 'z' {
		return "is not a URI: it has no scheme"
	}
	for i := 1; i < colon; i++ {
		if c := v[i]; !isToken(v[i:i+1]) && c != '+' && c != '.' {
			return "is not a URI: it has no scheme"
		}
	}
	if colon == len(v)-1 {
		return "is not a URI: nothing follows its scheme"
	}
	for i := colon; i < len(v); i++ {
		if c := v[i]; c <= ' ' || c == '<' || c == '>' || c == '"' || c == 0x7f {
			return "is not a URI: it has a space, a quote or an angle bracket"
		}
	}
	return ""
}

// binaryForm checks base64 (RFC 4648 §4).
func binaryForm(v string) string {
	data := strings.TrimRight(v, "=")
	if len(v)%4 != 0 || len(v)-len(data) > 2 {
		return "is not base64: its length is wrong"
	}
	for i := 0; i < len(data); i++ {
		if c := data[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' {
			return "is not base64"
		}
	}
	return ""
}

// numberForm checks what is made of numbers, and the words of BOOLEAN.
func numberForm(spec *property, typ Type, v string) string {
	switch typ {
	case Integer:
		n, err := strconv.ParseInt(v, 10, 32)
		switch {
		case err != nil:
			return "is not an INTEGER"
		case n < int64(spec.min) && spec.source != "" || spec.max > 0 && n > int64(spec.max):
			return "is out of its range"
		}
	case Float:
		if !isFloat(v, 0) {
			return "is not a FLOAT"
		}
	case Position:
		lat, long, ok := strings.Cut(v, ";")
		if !ok || !isFloat(lat, 90) || !isFloat(long, 180) {
			return "is not a position: two FLOATs separated by a semicolon"
		}
	case Boolean:
		if !strings.EqualFold(v, "TRUE") && !strings.EqualFold(v, "FALSE") {
			return "is not a BOOLEAN"
		}
	case UTCOffset:
		return offsetForm(v)
	case Time:
		if _, err := time.Parse("150405", strings.TrimSuffix(v, "Z")); err != nil {
			return "is not a TIME"
		}
	case Status:
		return statusForm(v)
	}
	return ""
}

// isFloat reports whether a FLOAT (RFC 5545 §3.3.7) lies within a limit; 0 is none.
func isFloat(v string, limit float64) bool {
	if v == "" || strings.Trim(v, "+-.0123456789") != "" {
		return false
	}
	n, err := strconv.ParseFloat(v, 64)
	return err == nil && (limit == 0 || n >= -limit && n <= limit)
}

// offsetForm checks a UTC-OFFSET (RFC 5545 §3.3.14).
func offsetForm(v string) string {
	const wrong = "is not a UTC-OFFSET"
	if len(v) != 5 && len(v) != 7 || v[0] != '+' && v[0] != '-' || strings.Trim(v[1:], "0123456789") != "" {
		return wrong
	}
	if v[1:3] > "23" || v[3:5] > "59" || len(v) == 7 && v[5:] > "59" {
		return wrong + ": it is not less than a day"
	}
	if v[0] == '-' && strings.Trim(v[1:], "0") == "" {
		return wrong + ": zero is not negative"
	}
	return ""
}

// statusForm checks the code of a REQUEST-STATUS (RFC 5545 §3.8.8.3).
func statusForm(v string) string {
	code, _, ok := strings.Cut(v, ";")
	parts := strings.Split(code, ".")
	if !ok || len(parts) < 2 || len(parts) > 3 {
		return "is not a status: a code and a text separated by a semicolon"
	}
	for _, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return "is not a status: its code is not a number"
		}
	}
	return ""
}
