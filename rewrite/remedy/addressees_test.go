package remedy

import "testing"

const invited = "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:tom@y.example"

func TestAttendeeNotListed(t *testing.T) {
	const other = "ATTENDEE:mailto:list@y.example"
	table(t, "attendee-not-listed", []row{
		{name: "redirected", in: event(other), want: event(other, invited), found: 1, with: with(rcpt("Tom@y.example"))},
		{name: "listed", in: event(other, "ATTENDEE:MAILTO:TOM@y.example"), with: with(rcpt("tom@y.example"))},
		{name: "the organizer", in: event("ORGANIZER:mailto:tom@y.example", other), with: with(rcpt("tom@y.example"))},
		{name: "two recipients", in: event(other), with: with(rcpt("tom@y.example", "ann@y.example"))},
		{name: "no list", in: event("UID:1"), with: with(rcpt("tom@y.example"))},
		{name: "an address that no calendar reads", in: event(other), with: with(rcpt("t,m@y.example"))},
		{name: "cancelled", in: eventOf("CANCEL", other), with: with(rcpt("tom@y.example"))},
	})
}

func TestRecipientsBecomeAttendees(t *testing.T) {
	const told = "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:tom@y.example"
	const ann = "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann@y.example"
	for _, id := range []string{"attendee-dropped", "request-no-attendee"} {
		t.Run(id, func(t *testing.T) {
			table(t, id, []row{
				{name: "To", in: event("UID:1"), want: event("UID:1", invited), found: 1, with: with(to("Tom@y.example"))},
				{name: "To and Cc", in: event("UID:1"), want: event("UID:1", invited, ann), found: 2, with: with(to("tom@y.example"), cc("ann@y.example", "tom@y.example"))},
				{name: "blind copy", in: event("UID:1"), want: event("UID:1", invited), found: 1, with: with(to("tom@y.example"), rcpt("boss@y.example", "TOM@y.example"))},
				{name: "one recipient", in: event("UID:1"), want: event("UID:1", invited), found: 1, with: with(to("list@y.example"), rcpt("tom@y.example"))},
				{name: "each event", in: calendar("METHOD:REQUEST", "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTODO", "END:VTODO"),
					want:  calendar("METHOD:REQUEST", "BEGIN:VEVENT", invited, "END:VEVENT", "BEGIN:VTODO", invited, "END:VTODO"),
					found: 2, with: with(to("tom@y.example"))},
				{name: "only the organizer", in: event("ORGANIZER:mailto:tom@y.example"), found: 1, note: "is the organizer", with: with(to("tom@y.example"))},
				{name: "nobody", in: event("UID:1"), found: 1, note: "not known"},
				{name: "some", in: event("ATTENDEE:mailto:ann@y.example"), with: with(to("tom@y.example"))},
				{name: "a reply", in: eventOf("REPLY", "UID:1"), with: with(to("tom@y.example"))},
			})
		})
	}
	table(t, "attendee-dropped", []row{
		{name: "cancelled", in: eventOf("CANCEL", "UID:1"), want: eventOf("CANCEL", "UID:1", told), found: 1, with: with(to("tom@y.example"))},
	})
	table(t, "cancel-no-attendee", []row{
		{name: "told", in: eventOf("CANCEL", "UID:1"), want: eventOf("CANCEL", "UID:1", told), found: 1, with: with(to("tom@y.example"))},
		{name: "named", in: eventOf("CANCEL", "ATTENDEE:mailto:ann@y.example"), with: with(to("tom@y.example"))},
		{name: "a request", in: event("UID:1"), with: with(to("tom@y.example"))},
	})
	table(t, "request-no-attendee", []row{
		{name: "cancelled", in: eventOf("CANCEL", "UID:1"), with: with(to("tom@y.example"))},
	})
}

func TestRequestUninvited(t *testing.T) {
	table(t, "request-uninvited", []row{
		{name: "a stranger", in: event("ATTENDEE:mailto:ann@y.example"), found: 1, note: "tom@y.example is not an attendee", with: with(to("tom@y.example"))},
		{name: "one of two is invited", in: event("ATTENDEE:mailto:ann@y.example"), with: with(to("tom@y.example", "ann@y.example"))},
		{name: "nobody is named", in: event("UID:1"), with: with(to("tom@y.example"))},
		{name: "no mail", in: event("ATTENDEE:mailto:ann@y.example")},
	})
}

// TestHoweverSpelt asks that no alarm hangs on how an address is written, nor on
// where it stands.
func TestHoweverSpelt(t *testing.T) {
	for _, l := range []string{
		":mailto: tom@y.example", ":MAILTO:\ttom@y.example ", ":mailto:Tom@Y.example", ":mailto:Tom Lee <tom@y.example>", ":mailto:<tom@y.example>",
		":'mailto:tom@y.example'", ":mailto:'tom@y.example'", ":mailto:mailto:tom@y.example", ":mailto:tom%40y.example", ":mailto:tom@y.example?subject=x", ":tom@y.example",
		`;SENT-BY="mailto:tom@y.example":mailto:ann@y.example`, `;SENT-BY="MAILTO: Tom@y.example":mailto:ann@y.example`, ";EMAIL=tom@y.example:urn:uuid:1",
		`;DELEGATED-TO="mailto:lee@y.example","mailto:tom@y.example":mailto:ann@y.example`, `;DELEGATED-FROM="mailto:tom@y.example":mailto:ann@y.example`, `;MEMBER="mailto:tom@y.example":mailto:ann@y.example`,
	} {
		t.Run(l, func(t *testing.T) {
			table(t, "request-uninvited", []row{{name: "attendee", in: event("ATTENDEE" + l), with: with(to("tom@y.example"))}})
			table(t, "org-not-from", []row{{name: "organizer", in: event("ORGANIZER" + l), with: with(from("tom@y.example"))}})
			table(t, "resent-loop", []row{{name: "organizer", in: event("ORGANIZER" + l), with: with(from("tom@y.example"), func(c *Object) { c.Mail.List = "list.y.example" })}})
		})
	}
}

func TestCancelForRemoved(t *testing.T) {
	in := eventOf("CANCEL", "ATTENDEE:mailto:ann@y.example", "ATTENDEE:mailto:tom@y.example")
	table(t, "cancel-for-removed", []row{
		{name: "one of two", in: in, found: 1, note: "removed attendee", with: with(to("tom@y.example"))},
		{name: "both", in: in, with: with(to("tom@y.example", "ann@y.example"))},
		{name: "no mail", in: in},
		{name: "a request", in: event("ATTENDEE:mailto:ann@y.example"), with: with(to("tom@y.example"))},
	})
}

func TestCounterNoAttendee(t *testing.T) {
	table(t, "counter-no-attendee", []row{
		{name: "from the author", in: eventOf("COUNTER", "UID:1"), want: eventOf("COUNTER", "UID:1", `ATTENDEE;CN="Bo, Ann":mailto:ann@y.example`), found: 1, with: with(from(`"Bo, Ann" <Ann@y.example>`))},
		{name: "the organizer himself", in: eventOf("COUNTER", "ORGANIZER:mailto:ann@y.example"), found: 1, note: "is the organizer", with: with(from("ann@y.example"))},
		{name: "no author", in: eventOf("COUNTER", "UID:1"), found: 1, note: "exactly one author"},
		{name: "named", in: eventOf("COUNTER", "ATTENDEE:mailto:tom@y.example"), with: with(from("ann@y.example"))},
		{name: "a reply", in: eventOf("REPLY", "UID:1"), with: with(from("ann@y.example"))},
	})
}

func TestOrgNotFrom(t *testing.T) {
	table(t, "org-not-from", []row{
		{name: "a delegate", in: event("ORGANIZER:mailto:boss@x.example"), want: event(`ORGANIZER;SENT-BY="mailto:ann@x.example":mailto:boss@x.example`), found: 1, with: with(from("ann@x.example"))},
		{name: "an attendee", in: event("ORGANIZER:mailto:boss@x.example", "ATTENDEE:mailto:ann@x.example"), found: 1, note: "forwarded", with: with(from("ann@x.example"))},
		{name: "said already", in: event(`ORGANIZER;SENT-BY="mailto:tom@x.example":mailto:boss@x.example`), with: with(from("ann@x.example"))},
		{name: "himself", in: event("ORGANIZER:MAILTO:Boss@x.example"), with: with(from("boss@x.example"))},
		{name: "no readable mail address", in: event("ORGANIZER:invalid:nomail"), with: with(from("ann@x.example"))},
		{name: "a reply", in: eventOf("REPLY", "ORGANIZER:mailto:boss@x.example"), with: with(from("ann@x.example"))},
	})
}

func TestOrgIsAttendee(t *testing.T) {
	const boss, own, ann = "ORGANIZER:mailto:boss@x.example", "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:Boss@x.example", "ATTENDEE:mailto:ann@x.example"
	table(t, "org-is-attendee", []row{
		{name: "dropped", in: event(boss, own, ann), want: event(boss, ann), found: 1},
		{name: "nobody else", in: event(boss, own)},
		{name: "not among them", in: event(boss, ann)},
		{name: "a reply", in: eventOf("REPLY", boss, own, ann)},
	})
}

func TestPeopleAreReported(t *testing.T) {
	table(t, "cutype-resource", []row{
		{name: "a room", in: event("ATTENDEE;CUTYPE=RESOURCE:mailto:room@x.example"), found: 1, note: "list of resources"},
		{name: "with a role", in: event("ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT:mailto:room@x.example")},
		{name: "a person", in: event("ATTENDEE;CUTYPE=INDIVIDUAL:mailto:ann@x.example")},
	})
	table(t, "partstat-reset", []row{
		{name: "answered", in: event("ATTENDEE;PARTSTAT=NEEDS-ACTION;X-REPLYTIME=20260301T080000Z:mailto:ann@x.example"), found: 1, note: "may ask again"},
		{name: "no answer yet", in: event("ATTENDEE;PARTSTAT=NEEDS-ACTION;X-REPLYTIME=16010101T000000Z:mailto:ann@x.example")},
		{name: "kept", in: event("ATTENDEE;PARTSTAT=ACCEPTED;X-REPLYTIME=20260301T080000Z:mailto:ann@x.example")},
	})
}
