package rewrite_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// fault is a value that is written wrongly, and what it means; "" where nobody
// can know.
type fault struct{ written, means string }

// place is where a value of a type can stand: a component, and its line with %s
// in the place of the value.
type place struct{ component, line string }

// valueKind is a type of value with its faults and its places.
type valueKind struct {
	name   string
	faults []fault
	places []place
}

const bobsAddress = "mailto:bob@partner.example"

// valueKinds is what the test knows by itself: no instant, person or word in it
// comes from package rewrite.
func valueKinds() []valueKind {
	const at = "20260610T080000Z"
	return []valueKind{
		{"duration", []fault{
			{"PT1D", "P1D"}, {"P1H", "PT1H"}, {"P1DT", "P1D"}, {"PT0DT0H10M0S", "PT10M"},
			{"pt15m", "PT15M"}, {"PT 15M", "PT15M"}, {"P1W1D", "P8D"}, {"PT1H30S", "PT1H0M30S"}, {"P0Y0M0DT0H15M0S", "PT15M"},
			{"P1M", ""}, {"P1Y", ""}, {"PT1H1H", ""}, {"PT15", ""}, {"15 minutes", ""},
		}, []place{
			{"VEVENT", "DURATION:%s"}, {"VTODO", "DURATION:%s"}, {"VALARM", "TRIGGER:%s"}, {"VALARM", "TRIGGER;RELATED=END:%s"}, {"VALARM", "REPEAT:2\r\nDURATION:%s"},
			{"VFREEBUSY", "FREEBUSY;FBTYPE=BUSY:20260611T080000Z/%s"}, {"VJOURNAL", "X-ACME;VALUE=DURATION:%s"},
			{"VEVENT", "REFRESH-INTERVAL;VALUE=DURATION:%s"},
		}},
		{"no duration", []fault{{"P", "PT0S"}, {"PT", "PT0S"}, {"-P", "PT0S"}}, []place{
			{"VEVENT", "DURATION:%s"}, {"VTODO", "DURATION:%s"}, {"VALARM", "TRIGGER:%s"}, {"VALARM", "TRIGGER;RELATED=END:%s"},
		}},
		{"length left out", []fault{{"P", ""}, {"PT", ""}, {"-P", ""}}, []place{
			{"VALARM", "REPEAT:2\r\nDURATION:%s"}, {"VFREEBUSY", "FREEBUSY;FBTYPE=BUSY:20260611T080000Z/%s"}, {"VJOURNAL", "X-ACME;VALUE=DURATION:%s"},
			{"VEVENT", "REFRESH-INTERVAL;VALUE=DURATION:%s"},
		}},
		{"time", []fault{
			{"2026-06-10T08:00:00Z", at}, {"2026-06-10T10:00:00+02:00", at}, {"20260610T043000-0330", at}, {"2026-06-10T08:00Z", at}, {"20260610T0800Z", at},
			{"20260610t080000z", at}, {"2026-06-10 08:00:00Z", at}, {"20260610T080000.000Z", at}, {" " + at, at}, {"20260610 T080000Z", at},
			{"06/10/2026 08:00", ""}, {"20260230T080000Z", ""}, {"20260610T080000+2500", ""}, {"Wednesday", ""},
		}, []place{
			{"VEVENT", "DTSTART:%s"}, {"VEVENT", "DTEND:%s"}, {"VTODO", "DUE:%s"}, {"VEVENT", "RECURRENCE-ID:%s"}, {"VTODO", "COMPLETED:%s"},
			{"VJOURNAL", "DTSTART:%s"}, {"VFREEBUSY", "DTEND:%s"}, {"VALARM", "TRIGGER;VALUE=DATE-TIME:%s"}, {"VJOURNAL", "X-ACME;VALUE=DATE-TIME:%s"},
			{"VEVENT", "RRULE:FREQ=DAILY;UNTIL=%s"}, {"VFREEBUSY", "FREEBUSY:%s/20260610T090000Z"},
			{"VEVENT", "RRULE:FREQ=DAILY;COUNT=5\r\nEXDATE:%s"}, {"VTODO", "RDATE:%s"},
		}},
		{"stamp", []fault{{";TZID=Europe/Berlin:20260301T100000", ":20260301T090000Z"}}, []place{
			{"VEVENT", "DTSTAMP%s"}, {"VTODO", "DTSTAMP%s"}, {"VJOURNAL", "DTSTAMP%s"}, {"VFREEBUSY", "DTSTAMP%s"}, {"VEVENT", "CREATED%s"}, {"VTODO", "LAST-MODIFIED%s"}, {"VTODO", "COMPLETED%s"},
		}},
		{"offset", []fault{
			{"+02:00", "+0200"}, {"-01:00", "-0100"}, {"+02", "+0200"}, {"+200", "+0200"}, {" +0200", "+0200"}, {"UTC+02:00", "+0200"}, {"GMT+2", "+0200"}, {"Z", "+0000"},
			{"0200", "+0200"}, // the offset beside it is +0100
			{"1100", ""}, {"+2500", ""}, {"+0260", ""}, {"two", ""}, {"-", ""},
		}, []place{{"STANDARD", "TZOFFSETTO:%s"}, {"STANDARD", "TZOFFSETFROM:%s"}, {"DAYLIGHT", "TZOFFSETTO:%s"}, {"DAYLIGHT", "TZOFFSETFROM:%s"}}},
		{"rule", []fault{
			{"FREQ=WEEKLY;BYDAY=0WE;COUNT=3", "FREQ=WEEKLY;BYDAY=WE;COUNT=3"}, {"FREQ=WEEKLY;BYDAY=+0WE;COUNT=3", "FREQ=WEEKLY;BYDAY=WE;COUNT=3"},
			{"freq=weekly;count=3", "FREQ=WEEKLY;COUNT=3"}, {"FREQ=WEEKLY;INTERVAL=0;COUNT=3", ""}, {"FREQ=WEEKLY;BYDAY=2WE;COUNT=3", ""},
			{"FREQ=MONTHLY;BYSETPOS=2;COUNT=3", ""}, {"FREQ=WEEKLY;UNTIL=20200101T000000Z", ""}, {"FREQ=SOMETIMES", ""}, {"FREQ=WEEKLY;BYMONTHDAY=10", ""},
		}, []place{{"VEVENT", "RRULE:%s"}, {"VTODO", "RRULE:%s"}, {"VJOURNAL", "RRULE:%s"}}},
		{"address", []fault{
			{"mailto: bob@partner.example", bobsAddress}, {"MAILTO:mailto:bob@partner.example", bobsAddress}, {"<mailto:bob@partner.example>", bobsAddress},
			{"mailto:Bob <bob@partner.example>", bobsAddress}, {"mailto:bob@partner.example;", bobsAddress}, {"mailto:bob@partner.example>", bobsAddress},
			{"Bob <bob@partner.example>", bobsAddress}, {"mailto:bob@partner.example,", bobsAddress}, {"mailto:a@b.example,mailto:c@d.example", ""}, {"somebody else", ""},
		}, []place{
			{"VEVENT", "ATTENDEE:%s"}, {"VTODO", "ATTENDEE:%s"}, {"VFREEBUSY", "ATTENDEE:%s"}, {"VTODO", "ORGANIZER:%s"}, {"VEVENT", "ATTENDEE;SENT-BY=\"%s\":mailto:eve@partner.example"},
			{"VEVENT", "ATTENDEE;DELEGATED-TO=\"%s\":mailto:eve@partner.example"}, {"VTODO", "ATTENDEE;DELEGATED-FROM=\"%s\":mailto:eve@partner.example"}, {"VEVENT", "ATTENDEE;MEMBER=\"%s\":mailto:eve@partner.example"},
		}},
		{"answer", []fault{{"needs_action", "NEEDS-ACTION"}, {"Tentative", "TENTATIVE"}, {"Accepted", "ACCEPTED"}, {"PERHAPS", ""}},
			[]place{{"VEVENT", "ATTENDEE;PARTSTAT=%s:" + bobsAddress}, {"VTODO", "ATTENDEE;PARTSTAT=%s:" + bobsAddress}}},
		{"role", []fault{{"Required", "REQ-PARTICIPANT"}, {"opt_participant", "OPT-PARTICIPANT"}, {"BOSS", ""}},
			[]place{{"VEVENT", "ATTENDEE;ROLE=%s:" + bobsAddress}, {"VTODO", "ATTENDEE;ROLE=%s:" + bobsAddress}}},
		{"class", []fault{{"Private", "PRIVATE"}, {"confidential", "CONFIDENTIAL"}, {"no body", ""}},
			[]place{{"VEVENT", "CLASS:%s"}, {"VTODO", "CLASS:%s"}, {"VJOURNAL", "CLASS:%s"}}},
		{"transparency", []fault{{"Transparent", "TRANSPARENT"}, {"FREE", "TRANSPARENT"}, {"PARTLY", ""}}, []place{{"VEVENT", "TRANSP:%s"}}},
		{"data", []fault{{"AAA", ""}, {"A*==", ""}, {"====", ""}}, []place{{"VEVENT", "ATTACH;VALUE=BINARY;ENCODING=BASE64:%s"}, {"VTODO", "ATTACH;ENCODING=BASE64;VALUE=BINARY:%s"}}},
		{"text", []fault{{"C:\\dir", ""}, {"ends in \\", ""}}, []place{{"VEVENT", "LOCATION:%s"}, {"VTODO", "COMMENT:%s"}, {"VJOURNAL", "CONTACT:%s"}, {"VALARM", "SUMMARY:%s"}}},
		{"number", []fault{{"high", ""}, {"10", ""}, {"1.5", ""}}, []place{{"VEVENT", "PRIORITY:%s"}, {"VTODO", "PRIORITY:%s"}}},
		{"position", []fault{{"48.85,2.35", ""}, {"north", ""}}, []place{{"VEVENT", "GEO:%s"}, {"VTODO", "GEO:%s"}}},
		{"link", []fault{{"www.example.com", ""}, {"https://x.example/a b", ""}}, []place{{"VEVENT", "URL:%s"}, {"VJOURNAL", "URL:%s"}, {"VEVENT", "ATTACH:%s"}}},
	}
}

// specimen is one fault at one place, in a component of its own.
type specimen struct {
	fault
	place
	uid string
}

func (s specimen) faulty() string { return fmt.Sprintf(s.line, s.written) }
func (s specimen) right() string  { return fmt.Sprintf(s.line, s.means) }

// property is the name of the property that is at fault.
func (s specimen) property() string {
	_, line, two := strings.Cut(s.line, "\r\n")
	if !two {
		line = s.line
	}
	name, _, _ := strings.Cut(strings.Replace(line, "%", ":", 1), ":")
	name, _, _ = strings.Cut(name, ";")
	return name
}

// text is the component around the value.
func (s specimen) text() string {
	own := []string{"DTSTART:20260610T080000Z", "DTSTAMP:20260301T090000Z", "ORGANIZER;CN=Anna:mailto:anna@example.com", "SUMMARY:Review"}
	own = slices.DeleteFunc(own, func(l string) bool {
		name, _, _ := strings.Cut(l, ":")
		name, _, _ = strings.Cut(name, ";")
		return name == s.property() && s.component != "VALARM"
	})
	if s.component == "STANDARD" || s.component == "DAYLIGHT" {
		return s.zone()
	}
	outer := s.component
	if s.component == "VALARM" {
		outer = "VEVENT"
	}
	all := append([]string{"BEGIN:" + outer, "UID:" + s.uid}, own...)
	if s.component == "VALARM" {
		all = append(all, "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x")
		if s.property() != "TRIGGER" {
			all = append(all, "TRIGGER:-PT15M")
		}
		all = append(all, s.faulty(), "END:VALARM")
	} else {
		all = append(all, s.faulty())
	}
	return strings.Join(append(all, "END:"+outer, ""), "\r\n")
}

// zone is a VTIMEZONE with the value, and a meeting in it. Its name is the UID of
// the specimen, which no zone has.
func (s specimen) zone() string {
	other := "TZOFFSETFROM:+0100"
	if s.property() == "TZOFFSETFROM" {
		other = "TZOFFSETTO:+0100"
	}
	return strings.Join([]string{
		"BEGIN:VTIMEZONE", "TZID:" + s.uid, "BEGIN:" + s.component, "DTSTART:19700101T000000", s.faulty(), other, "END:" + s.component, "END:VTIMEZONE",
		"BEGIN:VEVENT", "UID:in-" + s.uid, "DTSTAMP:20260301T090000Z", "DTSTART;TZID=" + s.uid + ":20260610T100000", "ORGANIZER;CN=Anna:mailto:anna@example.com", "SUMMARY:Review", "END:VEVENT", "",
	}, "\r\n")
}

func specimens() (all []specimen) {
	for _, k := range valueKinds() {
		for _, p := range k.places {
			for _, f := range k.faults {
				all = append(all, specimen{f, p, fmt.Sprintf("value-%d@example.com", len(all))})
			}
		}
	}
	return all
}

const berlinZone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19700329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n" +
	"BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

// valueMail is a mail with a calendar in a transfer encoding.
func valueMail(method, encoding, components string) []byte {
	return calendarMail(method, encoding, berlinZone+components)
}

func calendarMail(method, encoding, components string) []byte {
	cal := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//Test//EN\r\nMETHOD:" + method + "\r\n" + components + "END:VCALENDAR\r\n"
	body := cal
	switch encoding {
	case "base64":
		var b strings.Builder
		for data := base64.StdEncoding.EncodeToString([]byte(cal)); data != ""; {
			n := min(76, len(data))
			b.WriteString(data[:n] + "\r\n")
			data = data[n:]
		}
		body = b.String()
	case "quoted-printable":
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		_, _ = w.Write([]byte(cal))
		_ = w.Close()
		body = b.String()
	}
	return []byte("From: Anna <anna@example.com>\r\nTo: Bob <bob@partner.example>\r\nSubject: Review\r\nDate: Sun, 1 Mar 2026 09:00:00 +0000\r\nMessage-ID: <v@example.com>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method=" + method + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body)
}

// contentLines returns the unfolded lines of each component of a mail by the UID
// of the outer one. It is the test's own reader.
func contentLines(t *testing.T, mail []byte) map[string][]string {
	t.Helper()
	out, uid := map[string][]string{}, ""
	for _, line := range calendarLines(t, mail) {
		if v, ok := strings.CutPrefix(line, "UID:"); ok {
			uid = v
		}
		if v, ok := strings.CutPrefix(line, "TZID:"); ok {
			uid = v
		}
		out[uid] = append(out[uid], line)
	}
	return out
}

// calendarLines returns the unfolded lines of the calendar of a mail.
func calendarLines(t *testing.T, mail []byte) []string {
	t.Helper()
	head, body, _ := strings.Cut(string(mail), "\r\n\r\n")
	switch head = strings.ToLower(head); {
	case strings.Contains(head, "transfer-encoding: base64"):
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\r\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	case strings.Contains(head, "transfer-encoding: quoted-printable"):
		var b bytes.Buffer
		if _, err := b.ReadFrom(quotedprintable.NewReader(strings.NewReader(body))); err != nil {
			t.Fatal(err)
		}
		body = b.String()
	}
	return strings.Split(strings.ReplaceAll(body, "\r\n ", ""), "\r\n")
}

// checkSpecimen asks that a fault does not pass without a finding, that what was
// made of it is what it means, and that it stays where nobody knows.
func checkSpecimen(t *testing.T, s specimen, findings []remedy.Finding, lines []string) {
	t.Helper()
	value := s.written
	if strings.HasPrefix(value, ";TZID") {
		value = value[strings.LastIndexByte(value, ':')+1:]
	}
	told := slices.ContainsFunc(findings, func(f remedy.Finding) bool {
		return f.Component == s.component && f.Property == s.property() &&
			(strings.Contains(f.Before, strings.TrimSpace(value)) || strings.Contains(f.Note, strings.TrimSpace(value)))
	})
	if !told {
		t.Errorf("%s in %s: no finding", s.faulty(), s.component)
	}
	name := s.property()
	var now []string
	for _, l := range lines {
		if strings.HasPrefix(l, name+":") || strings.HasPrefix(l, name+";") {
			now = append(now, l)
		}
	}
	got := strings.Join(now, "|")
	if s.means == "" {
		front := s.line[max(strings.Index(s.line, "%s")-1, 0):][:1] // the sign before the value: nothing is put there
		blanks := strings.NewReplacer(" ", "", `"`, "")
		if !strings.Contains(blanks.Replace(got), blanks.Replace(front+s.written)) {
			t.Errorf("%s in %s: nobody knows what it means, and it has become %s", s.faulty(), s.component, got)
		}
		return
	}
	right := s.right()
	right = right[strings.LastIndex(right, "\r\n")+1:]
	right = strings.TrimSpace(right)
	if !strings.Contains(got, right) && !sameParts(got, right) {
		t.Errorf("%s in %s: has become %s, means %s", s.faulty(), s.component, got, right)
	}
}

// sameParts reports whether a line has the value of another one and its
// parameters, whatever else it has and however it is quoted.
func sameParts(got, want string) bool {
	got, want = strings.ReplaceAll(got, `"`, ""), strings.ReplaceAll(want, `"`, "")
	head, value, _ := strings.Cut(want, ":")
	if at := strings.LastIndex(want, ":mailto:"); at >= 0 {
		head, value = want[:at], want[at+1:]
	}
	if !strings.HasSuffix(got, ":"+value) {
		return false
	}
	for p := range strings.SplitSeq(head, ";") {
		if !strings.Contains(got, p) {
			return false
		}
	}
	return true
}

// valueMethods are the methods of RFC 5546 §1.4, those that most mail has first.
var valueMethods = []string{"REQUEST", "CANCEL", "REPLY", "COUNTER", "PUBLISH", "REFRESH", "ADD", "DECLINECOUNTER"}

// hasAlarms reports whether a method keeps the alarms of its components (RFC 5546
// §3.2).
func hasAlarms(method string) bool {
	return method == "REQUEST" || method == "PUBLISH" || method == "ADD"
}

// TestValues has each fault of a value at each place where it can stand, in each
// method, transfer encoding, direction and profile: many in one calendar.
func TestValues(t *testing.T) {
	all := specimens()
	const several = 60
	for i, profile := range remedy.Profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			n := i // so that each method meets each profile, encoding and direction somewhere
			for _, encoding := range []string{"7bit", "quoted-printable", "base64"} {
				for _, direction := range []remedy.Direction{remedy.Outbound, remedy.Inbound} {
					for chunk := range slices.Chunk(all, several) {
						o := rewrite.Options{Now: now, Profile: profile, Direction: direction}
						checkValues(t, chunk, valueMethods[n%len(valueMethods)], encoding, o)
						n++
					}
				}
			}
		})
	}
}

// TestValuesAlone has each fault in a mail of its own, one profile, direction,
// encoding and method after the other.
func TestValuesAlone(t *testing.T) {
	profiles, methods := remedy.Profiles(), valueMethods
	for i, s := range specimens() {
		o := rewrite.Options{Now: now, Profile: profiles[i%len(profiles)], Direction: []remedy.Direction{remedy.Outbound, remedy.Inbound}[i%2]}
		checkValues(t, []specimen{s}, methods[i%len(methods)], []string{"7bit", "quoted-printable", "base64"}[i/2%3], o)
	}
}

func checkValues(t *testing.T, list []specimen, method, encoding string, o rewrite.Options) {
	t.Helper()
	var components strings.Builder
	list = slices.DeleteFunc(slices.Clone(list), func(s specimen) bool { return s.component == "VALARM" && !hasAlarms(method) })
	for _, s := range list {
		components.WriteString(s.text())
	}
	in := valueMail(method, encoding, components.String())
	res, err := rewrite.Message(bytes.NewReader(in), o)
	if err != nil {
		t.Fatalf("%s %s: %v %+v", method, encoding, err, res.Report.Skipped)
	}
	if len(res.Report.Skipped)+len(res.Report.Vetoed) > 0 {
		t.Errorf("%s %s: skipped %+v, taken back %v", method, encoding, res.Report.Skipped, res.Report.Vetoed)
	}
	var out bytes.Buffer
	if _, err := res.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	findings, lines := res.Report.Findings(), contentLines(t, out.Bytes())
	for _, s := range list {
		checkSpecimen(t, s, findings, lines[s.uid])
	}
}
