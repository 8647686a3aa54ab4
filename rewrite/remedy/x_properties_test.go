package remedy

import (
	"strings"
	"testing"
)

func TestYear1601(t *testing.T) {
	table(t, "year-1601", []row{
		{name: "created", in: event("UID:1", "CREATED:16010101T000000Z"), want: event("UID:1"), found: 1},
		{name: "private", in: event("X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE:16010101T000000Z"), want: event(), found: 1},
		{name: "parameter", in: event("ATTENDEE;X-A=16010101T000000Z:mailto:a@x.example"), want: event("ATTENDEE:mailto:a@x.example"), found: 1},
		{name: "what a meeting needs", in: event("DTSTART:16010101T000000Z", "DTSTAMP:16010101T000000Z", "RECURRENCE-ID:16010101T000000Z")},
		{name: "text", in: event("SUMMARY:16010101T000000Z", "X-NUMBER:16010101", "DESCRIPTION:=1601")},
		{name: "time zone", in: calendar("BEGIN:VTIMEZONE", "LAST-MODIFIED:16010101T000000Z", "BEGIN:STANDARD", "DTSTART:16010101T000000", "END:STANDARD", "END:VTIMEZONE")},
		{name: "another remedy's", in: event("X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z")},
	})
}

func TestCDOReplytime1601(t *testing.T) {
	table(t, "cdo-replytime-1601", []row{
		{name: "never", in: event("UID:1", "X-MICROSOFT-CDO-REPLYTIME:16010101T000000Z"), want: event("UID:1"), found: 1},
		{name: "answered", in: event("X-MICROSOFT-CDO-REPLYTIME:20260301T000000Z")},
	})
}

func TestCDOModprops(t *testing.T) {
	table(t, "cdo-modprops", []row{
		{name: "everywhere", in: calendar("X-MICROSOFT-CDO-MODPROPS:A", "BEGIN:VEVENT", "X-Microsoft-CDO-ModProps:B", "BEGIN:VALARM", "X-MICROSOFT-CDO-MODPROPS:C", "END:VALARM", "END:VEVENT"),
			want: calendar("BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT"), found: 3},
		{name: "none", in: event("UID:1")},
	})
}

func TestCDOOwnerapptid(t *testing.T) {
	table(t, "cdo-ownerapptid", []row{
		{name: "empty", in: event("UID:1", "X-MICROSOFT-CDO-OWNERAPPTID:"), want: event("UID:1"), found: 1},
		{name: "negative", in: event("X-MICROSOFT-CDO-OWNERAPPTID:-1")},
	})
}

func TestCDOBusystatusVsTransp(t *testing.T) {
	const free, opaque = "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "TRANSP:OPAQUE"
	table(t, "cdo-busystatus-vs-transp", []row{
		{name: "free", in: event(opaque, free), want: event("TRANSP:TRANSPARENT", free), found: 1},
		{name: "intended free", in: event(opaque, free, "X-MICROSOFT-CDO-INTENDEDSTATUS:FREE"), want: event("TRANSP:TRANSPARENT", free, "X-MICROSOFT-CDO-INTENDEDSTATUS:FREE"), found: 1},
		{name: "intended busy", in: event(opaque, free, "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY")},
		{name: "busy", in: event(opaque, "X-MICROSOFT-CDO-BUSYSTATUS:BUSY")},
		{name: "cancelled", in: eventOf("CANCEL", opaque, free)},
	})
	if r := Find("cdo-busystatus-vs-transp"); r.Includes(Standard) || r.Includes(Exchange) || !r.Includes(Google) {
		t.Error("only for receivers known to be no Exchange")
	}
}

func TestXLotusStale(t *testing.T) {
	stale := []string{"BEGIN:VEVENT", "X-LOTUS-UPDATE-SEQ:1", "X-LOTUS-UPDATE-WISL:$S:1;$L:1", "X-LOTUS-NOTICETYPE:I", "X-LOTUS-BROADCAST:FALSE", "END:VEVENT"}
	table(t, "x-lotus-stale", []row{
		{name: "echoed", in: calendar(stale...), want: calendar("BEGIN:VEVENT", "X-LOTUS-BROADCAST:FALSE", "END:VEVENT"), found: 3},
		{name: "written by Notes", in: crlf(append(append([]string{"BEGIN:VCALENDAR", "PRODID:-//Lotus Development Corporation//NONSGML Notes 8.0//EN"}, stale...), "END:VCALENDAR")...)},
	})
}

func TestXEntourage(t *testing.T) {
	table(t, "x-entourage", []row{
		{name: "there", in: event("UID:1", "X-ENTOURAGE_UUID:1"), want: event("UID:1"), found: 1},
		{name: "none", in: event("UID:1")},
	})
}

func TestXMsOlkForceinspectoropen(t *testing.T) {
	table(t, "x-ms-olk-forceinspectoropen", []row{
		{name: "in the calendar", in: calendar("X-MS-OLK-FORCEINSPECTOROPEN:TRUE"), want: calendar(), found: 1},
		{name: "in the event", in: event("X-MS-OLK-FORCEINSPECTOROPEN:TRUE"), want: event(), found: 1},
	})
}

func TestAttachCID(t *testing.T) {
	table(t, "attach-cid", []row{
		{name: "reference", in: event("UID:1", "ATTACH:CID:1@x"), want: event("UID:1"), found: 1},
		{name: "link", in: event("ATTACH:https://x.example/cid:1")},
	})
}

func TestCdoInsttype(t *testing.T) {
	const rid = "RECURRENCE-ID:20260302T080000Z"
	kind := func(n string) string { return "X-MICROSOFT-CDO-INSTTYPE:" + n }
	table(t, "cdo-insttype", []row{
		{name: "a series that is an occurrence", in: event(rid, kind("1")), want: event(rid), found: 1},
		{name: "a single one that is an occurrence", in: event(rid, kind("0")), want: event(rid), found: 1},
		{name: "a single one that is a series", in: event("RRULE:FREQ=DAILY", kind("0")), want: event("RRULE:FREQ=DAILY"), found: 1},
		{name: "occurrence", in: event(rid, kind("2")) + event(rid, kind("3"))},
		{name: "series", in: event("RRULE:FREQ=DAILY", kind("1"))},
		{name: "an occurrence without its name", in: event(kind("2"))},
		{name: "single", in: event(kind("0"))},
	})
}

func TestCdoImportance(t *testing.T) {
	own := func(n string) string { return "X-MICROSOFT-CDO-IMPORTANCE:" + n }
	table(t, "cdo-importance", []row{
		{name: "high and low", in: event("PRIORITY:9", own("2")), found: 1, note: "PRIORITY is 9"},
		{name: "normal", in: event("PRIORITY:5", own("1"))},
		{name: "high", in: event("PRIORITY:1", own("2"))},
		{name: "low", in: event("PRIORITY:9", own("0"))},
		{name: "no priority", in: event("PRIORITY:0", own("1"))},
	})
}

func TestXLotusLeak(t *testing.T) {
	table(t, "x-lotus-leak", []row{
		{name: "to others", in: event("X-LOTUS-CHARSET:UTF-8", "X-LOTUS-VERSION:1"), found: 1, note: "only Notes"},
		{name: "to Domino", in: event("X-LOTUS-CHARSET:UTF-8"), with: with(forProfile(Domino))},
		{name: "none", in: event("X-LOT:1")},
	})
}

func TestXUnknownLong(t *testing.T) {
	long := strings.Repeat("x", altDescOctets)
	table(t, "x-unknown-long", []row{
		{name: "long", in: event("UID:1", "X-MICROSOFT-SKYPETEAMSPROPERTIES:"+long), want: event("UID:1"), found: 1},
		{name: "short", in: event("X-MICROSOFT-SKYPETEAMSPROPERTIES:" + long[1:])},
		{name: "a description", in: event("X-ALT-DESC:" + long)},
		{name: "no private property", in: event("DESCRIPTION:" + long)},
		{name: "Apple's own", in: event("X-APPLE-STRUCTURED-LOCATION:" + long)},
	})
}
