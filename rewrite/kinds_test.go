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

// kindFault is what is wrong with lines or dates: %s stands for the property.
type kindFault struct {
	written string
	means   string // what people see of the property; "" where nobody can know
	remedy  string // whose finding has to say so
}

// kind is a kind of fault with the properties and components where it can stand.
type kind struct {
	name       string
	faults     []kindFault
	properties []string
	components []string
	series     bool // the fault is in a series
	exception  bool // the fault is in an exception of a series
}

// lineKinds and dateKinds are what the test knows by itself: no instant, person
// or text in them comes from package rewrite.
func lineKinds() []kind {
	const bob = "bob@partner.example"
	all := []string{"VEVENT", "VTODO", "VJOURNAL"}
	return []kind{
		{"text lines", []kindFault{
			{"%s:Join:\r\nhttps://meet.example/j/1\r\nThanks: Anna", "Join: https://meet.example/j/1 Thanks: Anna", "text-lines"},
			{"%s:Hall 1, left\r\nSecond floor; door 2", "Hall 1, left Second floor; door 2", "text-lines"},
		}, []string{"DESCRIPTION", "COMMENT", "LOCATION", "SUMMARY", "X-ALT-DESC"}, all, false, false},
		{"blank of a fold", []kindFault{
			{"%s:Bud\r\n\u00a0get", "Budget", "fold-nbsp"},
			{"%s:Bud\r\n\u3000get\r\n\u2003s", "Budgets", "fold-nbsp"},
		}, []string{"DESCRIPTION", "SUMMARY", "LOCATION", "CONTACT"}, all, false, false},
		{"torn person", []kindFault{
			{"%s;CN=Bob\r\n;RSVP=TRUE:mailto:" + bob, bob, "broken-line"},
			{"%s;RSVP\r\n=TRUE:mailto:" + bob, bob, "broken-line"},
			{"%s;CN=Bob:mail\r\nto:" + bob, bob, "broken-line"},
			{"%s;CN=Bob:\r\nmailto:" + bob, bob, "broken-line"},
			{"%s;CN=Bob:mailto\r\n:" + bob, bob, "broken-line"},
			{"%s;CN=Bob\r\n:mailto:" + bob, bob, "colon-on-next-line"},
			{"%s;CN=Bob:\r\n\u00a0mailto:" + bob, bob, "fold-nbsp"},
		}, []string{"ATTENDEE"}, []string{"VEVENT", "VTODO", "VJOURNAL"}, false, false},
		{"torn date", []kindFault{
			{"%s;TZID=Europe/Berlin\r\n:20260612T100000", "20260612T080000Z", "broken-line"},
			{"%s;VALUE=DATE-TIME;TZID=\r\nEurope/Berlin:20260612T100000", "20260612T080000Z", "broken-line"},
			{"%s;20260612T080000Z", "20260612T080000Z", "colon-missing"},
			{"%s;DATE-TIME:20260612T080000Z", "20260612T080000Z", "param-bare"},
		}, []string{"EXDATE", "RDATE"}, all, true, false},
	}
}

func dateKinds() []kind {
	all := []string{"VEVENT", "VTODO", "VJOURNAL"}
	const day = "20260612T080000Z" // 10:00 in Berlin
	return []kind{
		{"type", []kindFault{{"%s;VALUE=DATE:20260612", day, "-type"}}, []string{"EXDATE", "RDATE", "RECURRENCE-ID"}, all, true, false},
		{"floating", []kindFault{{"%s:20260612T100000", day, "-floating"}}, []string{"EXDATE", "RDATE", "RECURRENCE-ID"}, all, true, false},
		{"zone", []kindFault{
			{"%s;TZID=America/New_York:20260612T040000", day, "-zone"},
			{"%s:20260612T080000Z", day, "-zone"},
		}, []string{"EXDATE", "RDATE", "RECURRENCE-ID"}, all, true, false},
		{"list", []kindFault{
			{"%s:20260612T100000,20260613T100000", day + " 20260613T080000Z", "-floating"},
			{"%s:20260612T080000Z,20260613T080000Z", day + " 20260613T080000Z", "-zone"},
			{"%s;VALUE=DATE:20260612,20260613", day + " 20260613T080000Z", "-type"},
		}, []string{"EXDATE", "RDATE"}, all, true, false},
		{"no such day", []kindFault{{"%s:20260631T080000Z", "", "value-form"}}, []string{"EXDATE", "RDATE", "RECURRENCE-ID"}, all, true, false},
		{"rule of the series", []kindFault{{"%s:FREQ=DAILY;COUNT=5", "none", "exception-rrule"}}, []string{"RRULE"}, all, false, true},
		{"date of the series", []kindFault{{"%s;TZID=Europe/Berlin:20260613T100000", "none", "exception-rrule"}}, []string{"RDATE", "EXDATE"}, all, false, true},
	}
}

// oddity is one fault at one place.
type oddity struct {
	kindFault
	kind
	property, component string
}

func oddities() (list []oddity) {
	for _, k := range append(lineKinds(), dateKinds()...) {
		for _, component := range k.components {
			for _, property := range k.properties {
				if component == "VJOURNAL" && property == "LOCATION" {
					continue
				}
				for _, f := range k.faults {
					list = append(list, oddity{f, k, property, component})
				}
			}
		}
	}
	return list
}

// text is the component around the fault; an exception has its series beside it.
func (o oddity) text() string {
	own := func(name, rest string) string {
		if name == o.property && !o.exception {
			return ""
		}
		return name + rest + "\r\n"
	}
	begin := "BEGIN:" + o.component + "\r\nUID:kind@example.com\r\nDTSTAMP:20260301T090000Z\r\nSEQUENCE:0\r\nORGANIZER;CN=Anna:mailto:anna@example.com\r\n"
	people := own("ATTENDEE", ";CN=Eve;PARTSTAT=NEEDS-ACTION:mailto:eve@partner.example")
	start := "DTSTART;TZID=Europe/Berlin:20260610T100000\r\n"
	end := "END:" + o.component + "\r\n"
	fault := fmt.Sprintf(o.written, o.property) + "\r\n"
	rule := "RRULE:FREQ=DAILY;COUNT=5\r\n"
	moved := begin + own("SUMMARY", ":Review") + people + "DTSTART;TZID=Europe/Berlin:20260612T110000\r\n"
	switch {
	case o.property == "RECURRENCE-ID":
		return begin + "SUMMARY:Review\r\n" + people + start + rule + end + moved + fault + end
	case o.exception:
		return begin + "SUMMARY:Review\r\n" + people + start + rule + end + moved + "RECURRENCE-ID;TZID=Europe/Berlin:20260612T100000\r\n" + fault + end
	case o.series:
		return begin + "SUMMARY:Review\r\n" + people + start + rule + fault + end
	}
	return begin + own("SUMMARY", ":Review") + people + start + fault + end
}

// seen returns what people see of the property: the text, the addresses, the
// instants. All dates of the test are in summer, when Berlin is two hours ahead
// and New York four behind.
func (o oddity) seen(lines []string) string {
	var out []string
	last := "" // the component that a line is in, the exception for those of exceptions
	for _, l := range lines {
		if l == "BEGIN:"+o.component && o.exception {
			out = nil
		}
		last, _, _ = strings.Cut(l, ":")
		last, _, _ = strings.Cut(last, ";")
		if last != o.property {
			continue
		}
		value := l[strings.IndexByte(l, ':')+1:]
		switch o.property {
		case "ATTENDEE":
			out = append(out, strings.ToLower(l[strings.LastIndexByte(l, ':')+1:]))
		case "EXDATE", "RDATE", "RECURRENCE-ID":
			for v := range strings.SplitSeq(value, ",") {
				out = append(out, instantOf(l, v))
			}
		case "RRULE":
			out = append(out, value)
		default:
			out = append(out, strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", "<br>", " ").Replace(value))
		}
	}
	if len(out) == 0 {
		return "none"
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func instantOf(line, v string) string {
	t, err := time.Parse("20060102T150405", strings.TrimSuffix(v, "Z"))
	if err != nil {
		return v
	}
	switch {
	case strings.HasSuffix(v, "Z"):
	case strings.Contains(line, "Berlin"), strings.Contains(line, "W. Europe Standard Time"):
		t = t.Add(-2 * time.Hour)
	case strings.Contains(line, "New_York"), strings.Contains(line, "Eastern Standard Time"):
		t = t.Add(4 * time.Hour)
	default:
		return v
	}
	return t.Format("20060102T150405Z")
}

// TestKinds has each fault of lines and dates at each place where it can stand, in
// each transfer encoding, direction and profile, one method after the other. Each
// has a finding of the remedy that is made for it, and what is repaired is what
// was meant.
func TestKinds(t *testing.T) {
	all := oddities()
	for i, profile := range remedy.Profiles() {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			n := i
			for _, o := range all {
				for _, encoding := range []string{"7bit", "quoted-printable", "base64"} {
					for _, direction := range []remedy.Direction{remedy.Outbound, remedy.Inbound} {
						o.check(t, valueMethods[n%len(valueMethods)], encoding, rewrite.Options{Now: now, Profile: profile, Direction: direction})
						n++
					}
				}
				n++ // six and eight have a divisor
			}
		})
	}
}

func (o oddity) check(t *testing.T, method, encoding string, opt rewrite.Options) {
	t.Helper()
	if method == "CANCEL" && o.remedy == "exception-rrule" {
		o.remedy = "cancel-rrule"
	}
	what := fmt.Sprintf("%s, %s %s in %s, %s, %v: %q", o.name, method, o.property, o.component, encoding, opt.Direction, o.written)
	if encoding == "7bit" && strings.ContainsFunc(o.written, func(r rune) bool { return r > 0x7f }) {
		encoding = "8bit"
	}
	in := valueMail(method, encoding, o.text())
	res, err := rewrite.Message(bytes.NewReader(in), opt)
	if err != nil || len(res.Report.Skipped)+len(res.Report.Vetoed) > 0 {
		t.Errorf("%s: %v, skipped %+v, taken back %v", what, err, res.Report.Skipped, res.Report.Vetoed)
		return
	}
	var out bytes.Buffer
	if _, err := res.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	found, applied := false, false
	for _, f := range res.Report.Findings() {
		if f.ID == o.remedy || strings.HasPrefix(o.remedy, "-") && strings.HasSuffix(f.ID, o.remedy) {
			found, applied = true, applied || f.Applied
		}
	}
	got := o.seen(contentLines(t, out.Bytes())["kind@example.com"])
	switch {
	case !found && got != o.means: // for Domino an exception in UTC is none
		t.Errorf("%s: no finding of %s, seen %q", what, o.remedy, got)
	case o.means == "" && applied:
		t.Errorf("%s: nobody knows what it means, and it has become %q", what, got)
	case applied && got != o.means:
		t.Errorf("%s: means %q, has become %q", what, o.means, got)
	}
}
