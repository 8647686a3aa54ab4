package rewrite_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// zoneKind is a fault of a time zone: its name, its VTIMEZONE, and how far it is
// from UTC in June 2026, which the test knows by itself.
type zoneKind struct {
	name, declared string // declared is "" for no VTIMEZONE
	offset         time.Duration
	remedy         string
}

// observance writes one; an offset of "" is left out.
func observance(kind, start, from, to, rule string) string {
	text := "BEGIN:" + kind + "\r\nDTSTART:" + start + "\r\nTZOFFSETFROM:" + from + "\r\nTZOFFSETTO:" + to + "\r\n"
	if rule != "" {
		text += "RRULE:" + rule + "\r\n"
	}
	return text + "END:" + kind + "\r\n"
}

func zoneKinds() (list []zoneKind) {
	const spring, autumn = "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
	const march, november = "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"
	european := func(std, dst string) string {
		return observance("DAYLIGHT", "19700329T020000", std, dst, spring) + observance("STANDARD", "19701025T030000", dst, std, autumn)
	}
	american := func(std, dst string) string {
		return observance("DAYLIGHT", "20070311T020000", std, dst, march) + observance("STANDARD", "20071104T020000", dst, std, november)
	}
	declare := func(name, observances string) string {
		return "BEGIN:VTIMEZONE\r\nTZID:" + name + "\r\n" + observances + "END:VTIMEZONE\r\n"
	}
	add := func(id, name string, observances string, hours int) {
		k := zoneKind{name: name, offset: time.Duration(hours) * time.Hour, remedy: id}
		if observances != "undeclared" {
			k.declared = declare(name, observances)
		}
		list = append(list, k)
	}
	for _, name := range []string{"Eastern Standard Time 1", "Eastern Standard Time (2)"} {
		add("tz-windows-number", name, american("-0500", "-0400"), -4)
		add("tz-windows-number", name, "undeclared", -4)
	}
	for _, path := range []string{"/freeassociation.sourceforge.net/Tzfile/", "/softwarestudio.org/Olson_20011030_5/", "/mozilla.org/20050126_1/", "/citadel.org/20260108_1/"} {
		add("tz-prefix", path+"Europe/Berlin", european("+0100", "+0200"), 2)
		add("tz-prefix", path+"Europe/Berlin", "undeclared", 2)
	}
	for _, name := range []string{"+02:00", "UTC+2", "(UTC+02:00)"} {
		add("tz-offset-name", name, "undeclared", 2)
		add("tz-offset-name", name, observance("STANDARD", "19700101T000000", "+0200", "+0200", ""), 2)
	}
	for _, name := range []string{"Europe/Berlin", "W. Europe Standard Time"} {
		add("tz-empty", name, "", 2)
		add("tz-empty", name, european("+2500", "+2600"), 2)
		add("tz-half", name, observance("STANDARD", "19701025T030000", "+0200", "+0100", autumn), 2)
		add("tz-swapped", name, european("+0200", "+0100"), 2)
		add("tz-absurd", name, european("+1900", "+2000"), 2)
	}
	for _, name := range []string{"America/New_York", "Eastern Standard Time"} {
		add("offset-form", name, american("0500", "0400"), -4)
		add("offset-form", name, american("-05:00", "-04:00"), -4)
	}
	for _, name := range []string{"Africa/Casablanca", "Africa/El_Aaiun", "Morocco Standard Time"} {
		add("tz-empty", name, "", 1)
		add("tz-undeclared", name, "undeclared", 1)
	}
	return list
}

// zonesOf reads the offsets in June of the VTIMEZONEs of a mail, however they are
// written: of the onsets up to June the last one in the year.
func zonesOf(lines []string) map[string]time.Duration {
	out := map[string]time.Duration{}
	tzid, kind, from, month, year, best := "", "", "", "", "", ""
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ":")
		switch {
		case name == "TZID":
			tzid, best = strings.ReplaceAll(value, `\`, ""), ""
		case l == "BEGIN:STANDARD" || l == "BEGIN:DAYLIGHT":
			kind, from, month, year = l, "", "", ""
		case kind == "":
		case name == "DTSTART":
			month, year = value[4:6], value[:4]
		case name == "TZOFFSETTO":
			from = value
		case name == "RRULE":
			year = "2026"
			if _, by, ok := strings.Cut(value+";", "BYMONTH="); ok {
				by, _, _ = strings.Cut(by, ";")
				month = ("0" + by)[len(by)-1:]
			}
		case name == "END":
			at := year + month
			if month > "06" && year == "2026" {
				at = "2025" + month
			}
			if at <= "202606" && at >= best {
				if d, err := time.ParseDuration(from[:3] + "h" + from[3:5] + "m"); err == nil {
					out[tzid], best = d, at
				}
			}
			kind = ""
		}
	}
	return out
}

// knownOffsets are those of names in June that programs look up.
var knownOffsets = map[string]time.Duration{
	"Europe/Berlin": 2 * time.Hour, "W. Europe Standard Time": 2 * time.Hour, "Etc/GMT-2": 2 * time.Hour, "America/New_York": -4 * time.Hour,
	"Eastern Standard Time": -4 * time.Hour, "Africa/Casablanca": time.Hour, "Africa/El_Aaiun": time.Hour, "Morocco Standard Time": time.Hour,
}

// TestZoneKinds has each fault of a zone in each component, transfer encoding,
// direction and profile, one method after the other. The remedy that is made for
// it says so, and each time is the instant that was meant by its name and by its
// VTIMEZONE.
func TestZoneKinds(t *testing.T) {
	kinds := zoneKinds()
	for i, profile := range remedy.Profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			n := i
			for _, k := range kinds {
				for _, component := range []string{"VEVENT", "VTODO", "VJOURNAL"} {
					for _, encoding := range []string{"7bit", "quoted-printable", "base64"} {
						o := rewrite.Options{Now: now, Profile: profile, Direction: []remedy.Direction{remedy.Outbound, remedy.Inbound}[n%2]}
						k.check(t, component, valueMethods[n/2%len(valueMethods)], encoding, o)
						n++
					}
				}
			}
		})
	}
}

func (k zoneKind) check(t *testing.T, component, method, encoding string, o rewrite.Options) {
	t.Helper()
	what := fmt.Sprintf("%s %s in %s, %s, %s: %q", k.remedy, k.name, component, method, encoding, k.declared)
	tzid := k.name
	if strings.ContainsAny(tzid, ":,;") {
		tzid = `"` + tzid + `"`
	}
	in := calendarMail(method, encoding, k.declared+strings.NewReplacer("ZONE", tzid, "COMP", component).Replace(
		"BEGIN:COMP\r\nUID:zone@example.com\r\nDTSTAMP:20260301T090000Z\r\nORGANIZER;CN=Anna:mailto:anna@example.com\r\nATTENDEE;CN=Bob:mailto:bob@partner.example\r\nSUMMARY:x\r\nDTSTART;TZID=ZONE:20260610T100000\r\n"+
			"RRULE:FREQ=DAILY;COUNT=5\r\nEXDATE;TZID=ZONE:20260611T100000\r\nEND:COMP\r\n"))
	res, err := rewrite.Message(bytes.NewReader(in), o)
	if err != nil || len(res.Report.Skipped)+len(res.Report.Vetoed) > 0 {
		t.Errorf("%s: %v, skipped %+v, taken back %v", what, err, res.Report.Skipped, res.Report.Vetoed)
		return
	}
	var out bytes.Buffer
	if _, err := res.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	found := slices.ContainsFunc(res.Report.Findings(), func(f remedy.Finding) bool {
		return f.ID == k.remedy || k.remedy == "tz-undeclared" && strings.HasSuffix(f.ID, "-no-vtimezone")
	})
	if !found {
		t.Errorf("%s: no finding, %+v", what, res.Report.Findings())
	}
	lines := calendarLines(t, out.Bytes())
	zones := zonesOf(lines)
	for _, l := range lines {
		name, rest, ok := strings.Cut(l, ";TZID=")
		if !ok || name != "DTSTART" && name != "EXDATE" {
			continue
		}
		cut := strings.LastIndexByte(rest, ':')
		tzid := strings.Trim(rest[:cut], `"`)
		if d, ok := zones[tzid]; ok && d != k.offset {
			t.Errorf("%s: %s is %v from UTC by its VTIMEZONE, %v was meant\n%s", what, l, d, k.offset, strings.Join(lines, "\n"))
		}
		if d, ok := knownOffsets[tzid]; ok && d != k.offset {
			t.Errorf("%s: %s is %v from UTC by its name, %v was meant", what, l, d, k.offset)
		}
		if _, declared := zones[tzid]; !declared && knownOffsets[tzid] == 0 {
			t.Errorf("%s: nobody knows the zone of %s", what, l)
		}
	}
}

// limit is a rule, what it becomes for Exchange ("" for the same), and which
// remedy says so.
type limit struct{ rule, becomes, remedy string }

// TestExchangeLimits has each rule that Exchange cannot store in each component,
// method, transfer encoding, direction and profile: it is named for Exchange, and
// changed only where the new one has the same occurrences.
func TestExchangeLimits(t *testing.T) {
	limits := []limit{
		{"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "rrule-daily-byday"},
		{"FREQ=DAILY;INTERVAL=1;COUNT=9;BYDAY=WE", "FREQ=WEEKLY;INTERVAL=1;COUNT=9;BYDAY=WE", "rrule-daily-byday"},
		{"FREQ=DAILY;INTERVAL=2;BYDAY=WE", "", "rrule-mapi-limits"}, {"FREQ=DAILY;BYMONTH=6", "", "rrule-mapi-limits"}, {"FREQ=DAILY;COUNT=1000", "", "rrule-mapi-limits"},
		{"FREQ=WEEKLY;BYMONTH=6;BYDAY=WE", "", "rrule-mapi-limits"}, {"FREQ=WEEKLY;BYDAY=WE;BYSETPOS=1", "", "rrule-mapi-limits"}, {"FREQ=HOURLY;COUNT=3", "", "rrule-mapi-limits"},
		{"FREQ=MONTHLY;BYMONTHDAY=10,20", "", "rrule-mapi-limits"}, {"FREQ=YEARLY;BYYEARDAY=161", "", "rrule-mapi-limits"}, {"FREQ=YEARLY;INTERVAL=9", "", "rrule-mapi-limits"},
		{"FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=30", "rrule-day-or-last"},
		{"FREQ=MONTHLY;BYMONTHDAY=30", "", "rrule-last-day"}, {"FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1", "", "yearly-last-day"},
	}
	for i, profile := range remedy.Profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			n := i
			for _, l := range limits {
				for _, component := range []string{"VEVENT", "VTODO", "VJOURNAL"} {
					for _, encoding := range []string{"7bit", "quoted-printable", "base64"} {
						o := rewrite.Options{Now: now, Profile: profile, Direction: []remedy.Direction{remedy.Outbound, remedy.Inbound}[n%2]}
						l.check(t, component, valueMethods[n/2%len(valueMethods)], encoding, o)
						n++
					}
				}
			}
		})
	}
}

func (l limit) check(t *testing.T, component, method, encoding string, o rewrite.Options) {
	t.Helper()
	what := fmt.Sprintf("%s in %s, %s, %s", l.rule, component, method, encoding)
	start := "20260610T080000Z"
	switch {
	case strings.Contains(l.rule, "30") || strings.Contains(l.rule, "-1"):
		start = "20260630T080000Z"
	}
	in := valueMail(method, encoding, "BEGIN:"+component+"\r\nUID:limit@example.com\r\nDTSTAMP:20260301T090000Z\r\nORGANIZER;CN=Anna:mailto:anna@example.com\r\nATTENDEE;CN=Bob:mailto:bob@partner.example\r\n"+
		"SUMMARY:x\r\nDTSTART:"+start+"\r\nRRULE:"+l.rule+"\r\nEND:"+component+"\r\n")
	res, err := rewrite.Message(bytes.NewReader(in), o)
	if err != nil || len(res.Report.Skipped)+len(res.Report.Vetoed) > 0 {
		t.Errorf("%s: %v, skipped %+v, taken back %v", what, err, res.Report.Skipped, res.Report.Vetoed)
		return
	}
	var out bytes.Buffer
	if _, err := res.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	said := slices.ContainsFunc(res.Report.Findings(), func(f remedy.Finding) bool { return f.ID == l.remedy && f.Property == "RRULE" })
	if o.Profile.Microsoft() && !said {
		t.Errorf("%s: no finding of %s: %+v", what, l.remedy, res.Report.Findings())
	}
	want := "RRULE:" + l.rule
	if l.becomes != "" && (o.Profile.Microsoft() || o.Profile == remedy.OutlookMac && l.remedy == "rrule-daily-byday") {
		want = "RRULE:" + l.becomes
	}
	if lines := contentLines(t, out.Bytes())["limit@example.com"]; !slices.Contains(lines, want) {
		t.Errorf("%s for %s: no %s in %q", what, o.Profile, want, lines)
	}
}
