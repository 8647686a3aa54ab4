package notice

import "testing"

func TestDetails(t *testing.T) {
	f := Facts{Kind: Cancellation, Summary: "Budget\r\nBcc: x", Where: "Room 12", Host: Person{Address: "jw@contoso.example"},
		When: []Time{{Start: at(19, 14, 0), Zone: "UTC"}}}
	for l, want := range map[Language]string{
		English: "Subject: Budget Bcc: x\nWhen: Thursday, March 19, 2026, 2:00 PM (UTC)\nWhere: Room 12\nOrganizer: jw@contoso.example\n",
		German:  "Betreff: Budget Bcc: x\nWann: Donnerstag, 19. März 2026, 14:00 Uhr (UTC)\nOrt: Room 12\nOrganisator: jw@contoso.example\n",
	} {
		if got := f.Details(l); got != want {
			t.Errorf("%v: %q\nwant %q", l, got, want)
		}
	}
	if got := (Facts{}).Details(English); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	if got, want := Dutch.Time(Time{Start: at(19, 14, 0), Zone: "UTC"}), "donderdag 19 maart 2026, om 14.00 uur (UTC)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
