package remedy

import (
	"strings"
	"testing"
)

// hostile are calendars at the limits that make a careless remedy slow: it
// would need minutes for them. There is no clock here: the time limit of the
// test binary is what fails.
func hostile() map[string]string {
	many := func(n int, lines ...string) string { return strings.Repeat(strings.Join(lines, "\r\n")+"\r\n", n) }
	wrap := func(method, body string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:" + method + "\r\n" + body + "END:VCALENDAR\r\n"
	}
	inEvent := func(body string) string { return "BEGIN:VEVENT\r\nUID:1\r\n" + body + "END:VEVENT\r\n" }
	exception := []string{"BEGIN:VEVENT", "UID:" + goidDated, "RECURRENCE-ID:20260302T080000Z", "END:VEVENT"}
	return map[string]string{
		"exceptions":                wrap("REQUEST", many(45_000, exception...)),
		"exceptions with a series":  wrap("REQUEST", many(40_000, exception...)+"BEGIN:VEVENT\r\nUID:"+goid+"\r\nRRULE:FREQ=DAILY\r\nSEQUENCE:7\r\n"+many(5000, jane)+"END:VEVENT\r\n"),
		"ghosts":                    wrap("CANCEL", many(60_000, "BEGIN:VEVENT", "UID:1", "END:VEVENT")+inEvent("DTSTART:20260302T080000Z\r\n")),
		"alarms":                    wrap("CANCEL", inEvent(many(60_000, "BEGIN:VALARM", "END:VALARM"))),
		"alarms among properties":   wrap("REQUEST", inEvent(many(50_000, "BEGIN:VALARM", "END:VALARM", "COMMENT:x"))),
		"attendees":                 wrap("REQUEST", inEvent(many(100_000, "ATTENDEE;CN=Doe, J;ROLE=:MAILTO:a%2Bb@x.example"))),
		"answers":                   wrap("REPLY", inEvent(many(100_000, jane))),
		"private properties":        wrap("REQUEST", inEvent(many(190_000, "X-MICROSOFT-CDO-MODPROPS:A"))),
		"rules":                     wrap("CANCEL", inEvent("RECURRENCE-ID:20260302T080000Z\r\n"+many(150_000, "EXDATE:20260302T080000Z"))),
		"blank parameters":          wrap("REQUEST", inEvent(many(5_000, "ATTENDEE"+numbered(250, "=")+":mailto:a@x.example"))),
		"parameters of 1601":        wrap("REQUEST", inEvent(many(1_000, "ATTENDEE"+numbered(250, "=16010101T000000Z")+":mailto:a@x.example"))),
		"a name in pieces":          wrap("REQUEST", inEvent(many(100, "ATTENDEE;CN=a"+strings.Repeat("; b", 20_000)+":mailto:a@x.example"))),
		"a name with many commas":   wrap("REQUEST", inEvent("ATTENDEE;CN="+strings.Repeat("a,", 3_000_000)+":mailto:a@x.example\r\n")),
		"an address with colons":    wrap("REQUEST", inEvent("ATTENDEE;CN=a"+strings.Repeat(":mailto", 1_000_000)+":a@x.example\r\n")),
		"escapes":                   wrap("REQUEST", inEvent("ATTENDEE:mailto:"+strings.Repeat("%2B", 2_000_000)+"@x.example\r\n")),
		"empty properties":          wrap("REQUEST", inEvent(many(190_000, "LOCATION:"))),
		"empty properties and junk": wrap("REQUEST", inEvent(many(90_000, "LOCATION:", "junk"))),
		"methods behind":            wrap("REQUEST", inEvent("")+many(190_000, "METHOD:REQUEST")),
		"methods inside":            wrap("REQUEST", inEvent(many(190_000, "METHOD:REQUEST"))),
		"twice the same":            wrap("REQUEST", inEvent(many(190_000, "SUMMARY:a"))),
		"empty lines":               wrap("REQUEST", inEvent(many(190_000, ""))),
		"junk behind":               wrap("REQUEST", inEvent("")) + many(190_000, "junk"),
		"LF and folds":              wrap("REQUEST", inEvent("SUMMARY:"+strings.Repeat("\\\n\t\xc3", 500_000)+"\n")),
		"controls in parameters":    wrap("REQUEST", inEvent("ATTENDEE"+strings.Repeat(";CN="+strings.Repeat("\x01\t", 8000), 255)+":a\r\n")),
		"CR lines":                  strings.ReplaceAll(wrap("REQUEST", inEvent(many(190_000, "SUMMARY:a"))), "\r\n", "\r"),
		"hidden lines":              wrap("REQUEST", inEvent("SUMMARY:"+strings.Repeat("\rA", 2_000_000)+"\r\n")),
		"unclosed":                  "BEGIN:VCALENDAR\r\n" + many(50_000, "BEGIN:VEVENT", "UID:1", "SUMMARY:a meeting"),
		"separators":                wrap("REQUEST", inEvent("DESCRIPTION:"+strings.Repeat(`*~*~*~*~*~*~*~*~*~*\n,`, 150_000)+"\r\n")),
		"not UTF-8":                 wrap("REQUEST", inEvent("SUMMARY:"+strings.Repeat("\xc3\r\r", 1_500_000)+"\r\n")),
		"calendars":                 strings.Repeat(wrap("REQUEST", strings.Join(exception, "\r\n")+"\r\n"), 15_000),
		"calendars with time zones": strings.Repeat(wrap("REQUEST", "BEGIN:VTIMEZONE\r\nTZID:A\r\nEND:VTIMEZONE\r\n"), 20_000),
	}
}

// numbered returns parameters of different names.
func numbered(n int, value string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(";X-" + string(rune('A'+i/26)) + string(rune('A'+i%26)) + value)
	}
	return b.String()
}

func TestHostileCalendars(t *testing.T) {
	if testing.Short() {
		t.Skip("reads megabytes")
	}
	for name, text := range hostile() {
		t.Run(name, func(t *testing.T) {
			c := corpusCase([]byte(text), Standard)
			for _, r := range All() {
				if r.Stage != Octets && c.Doc == nil {
					if err := parseCase(c); err != nil {
						t.Fatal(err)
					}
				}
				c.Do(r)
			}
			if grown := len(c.Doc.Bytes()) - len(text); grown > len(text)+maxCopied {
				t.Errorf("grown by %d octets", grown)
			}
		})
	}
}
