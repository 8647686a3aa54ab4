package rewrite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// formEvent is a calendar with one event of those lines.
func formEvent(lines string) string {
	return crlf("BEGIN:VCALENDAR\nPRODID:-//Contoso//EN\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:form@contoso.example\n" +
		"DTSTAMP:20260301T090000Z\nSUMMARY:x\nORGANIZER:mailto:a@contoso.example\nATTENDEE:mailto:b@partner.example\n" +
		lines + "END:VEVENT\nEND:VCALENDAR\n")
}

// form makes the form of a calendar; why is the reason when it cannot be.
func form(t *testing.T, text string, r rewrite.Fallback) (out, why string) {
	t.Helper()
	res, err := rewrite.Message(strings.NewReader(text), rewrite.Options{Fallback: r, Now: now, Form: rewrite.Calendar, Strict: true})
	var b bytes.Buffer
	if _, err := res.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		if !errors.Is(err, rewrite.ErrNoForm) || res.Changed() || b.String() != text {
			t.Fatalf("changed %v, %v", res.Changed(), err)
		}
		why = err.Error()
	}
	return strings.ReplaceAll(b.String(), "\r\n ", ""), why
}

func TestUTCForm(t *testing.T) {
	for name, c := range map[string]struct{ in, want, not string }{
		"single":         {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDTEND;TZID=Europe/Berlin:20260319T150000\n", "DTSTART:20260319T130000Z\r\nDTEND:20260319T140000Z", "TZID"},
		"two zones":      {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDTEND;TZID=America/New_York:20260319T103000\n", "DTEND:20260319T143000Z", "TZID"},
		"duration":       {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDURATION:PT90M\n", "DURATION:PT90M", "TZID"},
		"rule, winter":   {"DTSTART;TZID=Europe/Berlin:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20260323T090000\n", "RRULE:FREQ=WEEKLY;UNTIL=20260323T080000Z", "RDATE"},
		"rule, no DST":   {"DTSTART;TZID=Asia/Tokyo:20260105T150000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO\n", "RRULE:FREQ=WEEKLY;BYDAY=MO", "RDATE"},
		"another day":    {"DTSTART;TZID=Asia/Tokyo:20260105T080000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\n", "RDATE:20260111T230000Z,20260118T230000Z", "RRULE"},
		"across DST":     {"DTSTART;TZID=Europe/Berlin:20260316T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\n", "RDATE:20260323T080000Z,20260330T070000Z", "RRULE"},
		"cut out":        {"DTSTART;TZID=Europe/Berlin:20260316T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Berlin:20260323T090000\n", "RDATE:20260330T070000Z", "EXDATE"},
		"dates":          {"DTSTART;TZID=Europe/Berlin:20260316T090000\nDURATION:PT1H\nRDATE;TZID=Europe/Berlin:20260330T090000,20260406T100000\n", "RDATE:20260330T070000Z,20260406T080000Z", "TZID"},
		"a vendor's own": {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDURATION:PT1H\nX-WHEN;TZID=Europe/Berlin:20260319T140000\n", "DTSTART:20260319T130000Z", "X-WHEN"},
	} {
		t.Run(name, func(t *testing.T) {
			out, why := form(t, formEvent(c.in), rewrite.FallbackUTC)
			if why != "" || !strings.Contains(out, c.want) || strings.Contains(out, c.not) {
				t.Errorf("%s\n%s", why, out)
			}
		})
	}
}

func TestNoUTCForm(t *testing.T) {
	for name, c := range map[string]struct{ in, why string }{
		"all day":       {"DTSTART;VALUE=DATE:20260319\nRRULE:FREQ=WEEKLY\n", "would not change anything"},
		"endless":       {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n", "no rule in UTC can follow"},
		"too many":      {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=500\n", "too many occurrences"},
		"floating":      {"DTSTART:20260319T140000\nDURATION:PT1H\n", "without a time zone"},
		"unknown zone":  {"DTSTART;TZID=Middle Earth:20260319T140000\nDURATION:PT1H\n", "unknown time zone"},
		"nominal days":  {"DTSTART;TZID=Europe/Berlin:20260328T140000\nDURATION:P1D\n", "counts days"},
		"first is gone": {"DTSTART;TZID=Europe/Berlin:20260316T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Berlin:20260316T090000\n", "first occurrence is excluded"},
		"minutes":       {"DTSTART;TZID=Europe/Berlin:20260319T140000\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;COUNT=9\n", "cannot be expanded"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, why := form(t, formEvent(c.in), rewrite.FallbackUTC); !strings.Contains(why, c.why) {
				t.Errorf("%q, want %q", why, c.why)
			}
		})
	}
}

// Many series cost no more than a few: nobody sends them, but somebody could.
func TestUTCFormIsBounded(t *testing.T) {
	one := "DTSTART;TZID=Asia/Tokyo:20260105T150000\nDURATION:PT1H\nRRULE:FREQ=DAILY\n"
	in := formEvent(strings.Repeat(one+"END:VEVENT\nBEGIN:VEVENT\nUID:form@contoso.example\nDTSTAMP:20260301T090000Z\n", 101) + one)
	if _, why := form(t, in, rewrite.FallbackUTC); !strings.Contains(why, "more series") {
		t.Errorf("%q", why)
	}
}

func TestMinimalForm(t *testing.T) {
	long := strings.Repeat(`word\, `, 1000)
	in := formEvent("DTSTART:20260319T140000Z\nDURATION:PT1H\nTRANSP:TRANSPARENT\nCLASS:PRIVATE\nDESCRIPTION:" + long + "\nPRIORITY:1\nX-A;X-B=c:d\n" +
		"ATTENDEE;X-NUM-GUESTS=0;CN=C;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:mailto:c@partner.example\n" +
		"BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT5M\nEND:VALARM\n")
	out, why := form(t, in, rewrite.FallbackMinimal)
	for _, gone := range []string{"PRIORITY", "X-", "VALARM"} {
		if strings.Contains(out, gone) {
			t.Errorf("%s is still there", gone)
		}
	}
	for _, there := range []string{"TRANSP:TRANSPARENT", "CLASS:PRIVATE", "CN=C;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT", `word\, ...`} {
		if !strings.Contains(out, there) {
			t.Errorf("%s is gone", there)
		}
	}
	if why != "" || len(out) > 4096+1000 {
		t.Errorf("%d octets, %s", len(out), why)
	}
}

// A calendar file has no place for a text.
func TestNoNoticeInACalendar(t *testing.T) {
	if _, why := form(t, formEvent("DTSTART:20260319T140000Z\n"), rewrite.FallbackNotice); why == "" {
		t.Error("a bare calendar became a notice")
	}
}

// A meeting out of a winmail.dat falls back like any other.
func TestNoticeForTNEF(t *testing.T) {
	golden := globbed(t, "../testdata/meetings/*-tnef-*/in.eml")
	tried := 0
	for _, path := range golden {
		in, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		o := rewrite.Options{Now: now, Strict: true}
		fixed, err := rewrite.Message(bytes.NewReader(in), o)
		if err != nil || !slices.Contains(fixed.Report.Applied(), "tnef") {
			continue // it stays a winmail.dat
		}
		tried++
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			o.Fallback = rewrite.FallbackNotice
			res, err := rewrite.Message(bytes.NewReader(in), o)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			res.WriteTo(&out)
			mail := out.String()
			if !strings.Contains(mail, "filename=meeting.ics") || !strings.Contains(mail, "is attached as the file") {
				t.Errorf("no notice:\n%s", mail)
			}
			if strings.Contains(mail, "text/calendar") || strings.Contains(mail, "ms-tnef") {
				t.Errorf("what a receiver acts on is still there:\n%s", mail)
			}
		})
	}
	if tried < 8 {
		t.Errorf("only %d golden mails were tried", tried)
	}
}

// A receiver that reads winmail.dat would have the notice and the meeting.
func TestNoNoticeBesideTNEF(t *testing.T) {
	in, err := os.ReadFile("../testdata/meetings/98-tnef-plus-ics/in.eml")
	if err != nil {
		t.Fatal(err)
	}
	res, err := rewrite.Message(bytes.NewReader(in), rewrite.Options{Now: now, Fallback: rewrite.FallbackNotice})
	if !errors.Is(err, rewrite.ErrNoForm) || !strings.Contains(err.Error(), "winmail.dat") || res.Changed() {
		t.Errorf("changed %v, %v", res.Changed(), err)
	}
}

// FuzzFallback asks of the forms what FuzzMessage asks of the remedies.
func FuzzFallback(f *testing.F) {
	for i, data := range goldenMails(f) {
		f.Add(data, uint8(i))
	}
	f.Add([]byte(formEvent("DTSTART;TZID=Europe/Berlin:20260316T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3\n")), uint8(0))
	f.Add([]byte(formEvent("DTSTART;TZID=Europe/Berlin:20260316T090000\nRDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260316T090000/PT1H\n")), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, n uint8) {
		forms, profiles := rewrite.Fallbacks(), remedy.Profiles()
		o := rewrite.Options{Fallback: forms[int(n)%len(forms)], Profile: profiles[int(n)/len(forms)%len(profiles)], Now: now, Header: true}
		res, err := rewrite.Message(bytes.NewReader(in), o)
		if errors.Is(err, rewrite.ErrPanic) {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if n, err := res.WriteTo(&out); err != nil || n != res.Size() {
			t.Fatalf("%d octets of %d: %v", n, res.Size(), err)
		}
		if !res.Changed() || err != nil {
			if !bytes.Equal(out.Bytes(), in) {
				t.Fatalf("changed without saying so: %v", err)
			}
			return
		}
		checkEdits(t, in, out.Bytes(), res)
		again, err := rewrite.Message(bytes.NewReader(out.Bytes()), o)
		if errors.Is(err, rewrite.ErrNoForm) {
			return // it is in that form
		}
		if err != nil || again.Changed() {
			t.Fatalf("second run: changed %v, %v, by %v\n%q", again.Changed(), err, again.Report.Applied(), out.Bytes())
		}
	})
}
