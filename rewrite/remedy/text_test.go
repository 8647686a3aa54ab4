package remedy

import (
	"strings"
	"testing"
)

func TestSummaryMissing(t *testing.T) {
	subject := func(s string) []func(*Object) { return with(func(c *Object) { c.Mail.Subject = s }) }
	table(t, "summary-missing", []row{
		{name: "cancellation", in: eventOf("CANCEL", "UID:1"), want: eventOf("CANCEL", "UID:1", `SUMMARY:Canceled: a\, b`), found: 1, with: subject("Canceled: a, b")},
		{name: "reply", in: eventOf("REPLY", "UID:1"), want: eventOf("REPLY", "UID:1", "SUMMARY:Accepted"), found: 1, with: subject("Accepted\r\n")},
		{name: "empty is a summary", in: eventOf("REPLY", "UID:1", "SUMMARY:"), with: subject("a")},
		{name: "request", in: event("UID:1"), with: subject("a")},
		{name: "task", in: task("CANCEL", "UID:1"), want: task("CANCEL", "UID:1", "SUMMARY:a"), found: 1, with: subject("a")},
		{name: "no subject", in: eventOf("REPLY", "UID:1")},
		{name: "ghost", in: eventOf("CANCEL"), with: subject("a")},
	})
}

func TestDescriptionMissing(t *testing.T) {
	text := func(s string) []func(*Object) {
		return with(forProfile(OutlookMac), func(c *Object) { c.Mail.Text = func() string { return s } })
	}
	table(t, "description-missing", []row{
		{name: "copied", in: event("UID:1"), want: event("UID:1", `DESCRIPTION:When: today\, 9\n\nBring a b`), found: 1, with: text("When: today, 9\r\n\r\nBring\ta \x07b\r\n")},
		{name: "there is one", in: event("UID:1", "DESCRIPTION:a"), with: text("b")},
		{name: "exception", in: event("UID:1", "RECURRENCE-ID:20260302T080000Z"), with: text("b")},
		{name: "cancellation", in: eventOf("CANCEL", "UID:1"), with: text("b")},
		{name: "no text", in: event("UID:1"), with: text(" \r\n")},
		{name: "too long", in: event("UID:1"), with: text(strings.Repeat("a", maxCopiedText+1))},
		{name: "no mail", in: event("UID:1"), with: with(forProfile(OutlookMac))},
	})
}

func TestSummaryMultiline(t *testing.T) {
	table(t, "summary-multiline", []row{
		{name: "two lines", in: event(`SUMMARY:a\n b\, c\N`), want: event(`SUMMARY:a b\, c`), found: 1},
		{name: "one line", in: event(`SUMMARY:a\, b`)},
		{name: "escaped backslash", in: event(`SUMMARY:a\\nb`)},
	})
}

func TestSquiggle(t *testing.T) {
	table(t, "squiggle", []row{
		{name: "between", in: event(`DESCRIPTION:When: today\n\n*~*~*~*~*~*~*~*~*~*\n\nHello\, you\n`), want: event(`DESCRIPTION:When: today\n\nHello\, you\n`), found: 1},
		{name: "inside a line", in: event(`DESCRIPTION:a *~*~*~*~*~*~*~*~*~* b`)},
		{name: "none", in: event(`DESCRIPTION:a`)},
	})
}

func TestAltDescLong(t *testing.T) {
	long := "X-ALT-DESC;FMTTYPE=text/html:" + strings.Repeat("<p>", altDescOctets/3+1)
	in := event("DESCRIPTION:a", long)
	out, findings := run(t, "alt-desc-long", in)
	if out != event("DESCRIPTION:a") || len(findings) != 1 {
		t.Errorf("got %q, %d findings", out, len(findings))
	}
	table(t, "alt-desc-long", []row{
		{name: "short", in: event("DESCRIPTION:a", "X-ALT-DESC;FMTTYPE=text/html:<p>")},
		{name: "nothing else", in: strings.ReplaceAll(event("DESCRIPTION:", "X-ALT-DESC:"+long), "\r\n ", "")},
	})
}

// task is a calendar with a VTODO.
func task(method string, lines ...string) string {
	return strings.ReplaceAll(eventOf(method, lines...), "VEVENT", "VTODO")
}

func TestTodoPriorityMissing(t *testing.T) {
	table(t, "todo-priority-missing", []row{
		{name: "assigned", in: task("REQUEST", "UID:1"), want: task("REQUEST", "UID:1", "PRIORITY:0"), found: 1},
		{name: "published", in: task("PUBLISH", "UID:1"), want: task("PUBLISH", "UID:1", "PRIORITY:0"), found: 1},
		{name: "there", in: task("REQUEST", "UID:1", "PRIORITY:5")},
		{name: "not asked for", in: task("REPLY", "UID:1")},
		{name: "a meeting needs none", in: eventOf("REQUEST", "UID:1")},
		{name: "ghost", in: task("REQUEST")},
	})
}
