package remedy

import (
	"testing"
	"time"
)

const (
	goid      = "040000008200E00074C5B7101A82E00800000000805A86260DFFCE0100000000000000001000000012345678"
	goidDated = "040000008200E00074C5B7101A82E00807EA0302805A86260DFFCE0100000000000000001000000012345678"
	goidLower = "040000008200e00074c5b7101a82e00800000000805a86260dffce0100000000000000001000000012345678"
)

func TestUIDCtl(t *testing.T) {
	table(t, "uid-ctl", []row{
		{name: "blank and NUL", in: event("UID: a\x00b "), want: event("UID:ab"), found: 1},
		{name: "C1", in: event("UID:a\u0085b"), want: event("UID:ab"), found: 1},
		{name: "clean", in: event("UID:a b")},
		{name: "nothing left", in: event("UID: \x01 "), found: 1, note: "no UID to keep"},
		{name: "not UTF-8", in: event("UID: a\xe9")},
	})
}

func TestUIDInstanceDate(t *testing.T) {
	const rid = "RECURRENCE-ID:20260302T080000Z"
	table(t, "uid-instance-date", []row{
		{name: "occurrence", in: event("UID:"+goidDated, rid), want: event("UID:"+goid, rid), found: 1},
		{name: "lower case", in: event("UID:040000008200e00074c5b7101a82e00807ea0302"+goidLower[40:], rid), want: event("UID:"+goidLower, rid), found: 1},
		{name: "without RECURRENCE-ID", in: event("UID:" + goidDated)},
		{name: "clean", in: event("UID:"+goid, rid)},
		{name: "too short", in: event("UID:"+goidDated[:81], rid)},
		{name: "no hexadecimal", in: event("UID:"+goidDated+"-1", rid)},
		{name: "another system", in: event("UID:0123456789012345678901234567890107EA0302", rid)},
	})
}

func TestUIDExceptionDiffers(t *testing.T) {
	series := func(uid, rule, exception string) string {
		return calendar("METHOD:REQUEST", "BEGIN:VEVENT", "UID:"+uid, rule, "END:VEVENT",
			"BEGIN:VEVENT", "UID:"+exception, "RECURRENCE-ID:20260302T080000Z", "END:VEVENT",
			"BEGIN:VEVENT", "UID:"+exception, "RECURRENCE-ID:20260303T080000Z", "END:VEVENT")
	}
	const rule = "RRULE:FREQ=DAILY"
	table(t, "uid-exception-differs", []row{
		{name: "series with a date", in: series(goidDated, rule, goid), want: series(goid, rule, goid), found: 1},
		{name: "equal", in: series(goid, rule, goid)},
		{name: "no series", in: series(goidDated, "SUMMARY:x", goid)},
		{name: "another meeting", in: series(goidDated, rule, "other")},
	})
}

func TestUIDCase(t *testing.T) {
	table(t, "uid-case", []row{
		{name: "lower case", in: event("UID:" + goidLower), want: event("UID:" + goid), found: 1},
		{name: "upper case", in: event("UID:" + goid)},
		{name: "another system", in: event("UID:abcdef")},
		{name: "not all hexadecimal", in: event("UID:" + goidLower + "@example.org")},
	})
}

func TestSeqNegative(t *testing.T) {
	table(t, "seq-negative", []row{
		{name: "negative", in: event("UID:1", "SEQUENCE:-1"), want: event("UID:1", "SEQUENCE:0"), found: 1},
		{name: "zero", in: event("UID:1", "SEQUENCE:0")},
		{name: "no number", in: event("UID:1", "SEQUENCE:-")},
	})
}

func TestSeqExceptionLow(t *testing.T) {
	series := func(method, master, exception string) string {
		return calendar("METHOD:"+method, "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260302T080000Z", exception, "END:VEVENT",
			"BEGIN:VEVENT", "UID:1", "RRULE:FREQ=DAILY", master, "END:VEVENT")
	}
	table(t, "seq-exception-low", []row{
		{name: "low", in: series("REQUEST", "SEQUENCE:4", "SEQUENCE:0"), want: series("REQUEST", "SEQUENCE:4", "SEQUENCE:4"), found: 1},
		{name: "missing", in: series("REQUEST", "SEQUENCE:4", "SUMMARY:x"), want: series("REQUEST", "SEQUENCE:4", "SUMMARY:x\r\nSEQUENCE:4"), found: 1},
		{name: "higher stays", in: series("REQUEST", "SEQUENCE:4", "SEQUENCE:5")},
		{name: "an answer echoes", in: series("REPLY", "SEQUENCE:4", "SEQUENCE:0")},
		{name: "no number", in: series("REQUEST", "SEQUENCE:4", "SEQUENCE:x")},
		{name: "alone", in: event("UID:1", "RECURRENCE-ID:20260302T080000Z", "SEQUENCE:0")},
	})
}

func TestDtstampMissing(t *testing.T) {
	dated := func(y int) func(*Object) {
		return func(c *Object) { c.Mail.Date = time.Date(y, 2, 28, 10, 0, 0, 0, time.FixedZone("", 3600)) }
	}
	table(t, "dtstamp-missing", []row{
		{name: "date of the mail", in: event("UID:1"), want: event("UID:1", "DTSTAMP:20260228T090000Z"), found: 1, with: with(dated(2026))},
		{name: "no date", in: event("UID:1"), want: event("UID:1", "DTSTAMP:20260302T090000Z"), found: 1},
		{name: "a date in the future", in: event("UID:1"), want: event("UID:1", "DTSTAMP:20260302T090000Z"), found: 1, with: with(dated(2099))},
		{name: "empty", in: event("DTSTAMP:", "UID:1"), want: event("DTSTAMP:20260228T090000Z", "UID:1"), found: 1, with: with(dated(2026))},
		{name: "there", in: event("UID:1", "DTSTAMP:20200101T000000Z"), with: with(dated(2026))},
	})
}

func TestRidMissing(t *testing.T) {
	table(t, "rid-missing", []row{
		{name: "date in the UID", in: eventOf("CANCEL", "UID:"+goidDated), found: 1, note: "time of the occurrence"},
		{name: "CDO exception", in: eventOf("CANCEL", "UID:1", "X-MICROSOFT-CDO-INSTTYPE:3"), found: 1, note: "time of the occurrence"},
		{name: "CDO master", in: eventOf("CANCEL", "UID:1", "X-MICROSOFT-CDO-INSTTYPE:1")},
		{name: "named", in: eventOf("CANCEL", "UID:"+goidDated, "RECURRENCE-ID:20260302T080000Z")},
		{name: "a series", in: event("UID:"+goidDated, "RRULE:FREQ=DAILY")},
	})
}

func TestRidRange(t *testing.T) {
	table(t, "rid-range", []row{
		{name: "range", in: event("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260302T080000Z"), found: 1, note: "THISANDFUTURE"},
		{name: "none", in: event("UID:1", "RECURRENCE-ID:20260302T080000Z")},
	})
}

func TestSeqLotus(t *testing.T) {
	cal := func(prodid string, lines ...string) string {
		all := append([]string{"BEGIN:VCALENDAR", prodid}, lines...)
		return crlf(append(all, "END:VCALENDAR")...)
	}
	const exchange = "PRODID:Microsoft Exchange Server 2010"
	table(t, "seq-lotus", []row{
		{name: "echoed by Exchange",
			in:    cal(exchange, "X-LOTUS-CHARSET:UTF-8", "BEGIN:VEVENT", "X-LOTUS-UPDATE-SEQ:1", "SEQUENCE:3", "END:VEVENT"),
			want:  cal(exchange, "BEGIN:VEVENT", "SEQUENCE:3", "END:VEVENT"),
			found: 2},
		{name: "written by Notes", in: cal("PRODID:-//Lotus Development Corporation//NONSGML Notes 8.0//EN", "BEGIN:VEVENT", "X-LOTUS-UPDATE-SEQ:1", "END:VEVENT")},
	})
}

// master must not be called once for each pair of exceptions.
func TestMasterIsKeptUntilSomethingChanges(t *testing.T) {
	c := newCase(t, seqExceptionLow(), calendar("METHOD:REQUEST",
		"BEGIN:VEVENT", "UID:"+goidDated, "RECURRENCE-ID:20260302T080000Z", "END:VEVENT",
		"BEGIN:VEVENT", "UID:"+goidLower, "END:VEVENT"))
	if m := c.master(c.Events()[0]); m != c.Events()[1] {
		t.Errorf("an Exchange UID with the date of an occurrence names the same meeting, got %v", m)
	}
	if c.series != nil {
		t.Error("kept outside of Do, where the calendar may change unnoticed")
	}
	c.Do(&Remedy{ID: "test", Run: func(c *Object) {
		if c.master(c.Events()[0]) == nil || len(c.series) != 1 {
			t.Errorf("%d series kept, want 1", len(c.series))
		}
	}})
	c.Do(&Remedy{ID: "series gone", Run: func(c *Object) {
		if len(c.series) != 1 {
			t.Error("not kept although nothing has changed")
		}
		if c.Found(Finding{}) {
			c.Cal.RemoveChild(c.Events()[1])
		}
	}})
	c.Do(&Remedy{ID: "another", Run: func(c *Object) {
		if c.master(c.Events()[0]) != nil || len(c.schedulable()) != 1 {
			t.Error("kept although the calendar has changed")
		}
	}})
}
