package remedy

import "strings"

// Excused is a known defect for which there is no remedy, and why.
type Excused struct {
	ID  string   // of the defect catalogue
	Why string   // for an administrator: why there is no remedy with this ID
	See []string // IDs of the remedies that repair it instead, if any do
}

// allExcused lists the defects of the catalogue that are not in All, in the
// order of the catalogue. Together the two lists are the whole catalogue.
func allExcused() []Excused {
	var all []Excused
	for _, list := range [][]Excused{excusedReports(), excusedTimes(), excusedStructure(), excusedProperties(), excusedParts()} {
		all = append(all, list...)
	}
	return all
}

// FindExcused returns the excused defect with that ID, or nil.
func FindExcused(id string) *Excused {
	for _, e := range allExcused() {
		if strings.EqualFold(e.ID, id) {
			return &e
		}
	}
	return nil
}

// excusedStructure are rows about METHOD, STATUS and components.
func excusedStructure() []Excused {
	return []Excused{
		{ID: "request-valarm", Why: "The organizer's reminder in a request is kept; how its trigger is written is another defect.", See: []string{"trigger-form"}},
		{ID: "reply-first-instance", Why: "A reply to the first occurrence looks exactly like a reply to the series from a sender that names the first occurrence in error: the message does not show which it is."},
		{ID: "reply-comment", Why: "The text of the HTML body is not compared with the calendar: what a reply says only in its body is not lost in the message, only in the calendar of Exchange 2003."},
	}
}

// excusedProperties are rows about text and X- properties.
func excusedProperties() []Excused {
	return []Excused{
		{ID: "x-tzid-param", Why: "A TZID parameter of an X- property only affects programs that check it: it stays, and no VTIMEZONE is added for it."},
		{ID: "x-disallow-counter", Why: "Without X-MICROSOFT-DISALLOW-COUNTER old Outlook does not offer to propose another time. Most invitations lack it, and the organizer decides whether counter-proposals are welcome."},
	}
}

// excusedParts are rows about the mail around the calendar.
func excusedParts() []Excused {
	return []Excused{
		{ID: "ct-application-ics", Why: "A copy of the calendar in an attachment gets the same text as the invitation: this is how parts are rewritten, not a separate repair."},
		{ID: "base64-vs-7bit", Why: "A calendar in base64 needs no repair: every mail program decodes it, and nearly all calendars of Exchange are written that way."},
		{ID: "footer-in-calendar", Why: "What follows the end of the calendar is removed, whatever added it.", See: []string{"trailing-junk"}},
		{ID: "tnef", Why: "A winmail.dat is opened and replaced by a calendar before the remedies run; [rewrite] tnef says how far that goes."},
		{ID: "dkim-signed", Why: "Outbound, a message with a foreign DKIM signature is left alone, because a repair would break the signature; the log reports it. Inbound to your own Exchange, the signature is verified, the result is recorded in Authentication-Results, and the message is repaired. [rewrite] dkim changes this."},
		{ID: "smime-signed", Why: "Signed or encrypted content is never changed; the log reports it as left alone."},
		{ID: "notes-encrypted", Why: "Content encrypted by Notes can only be opened by the addressee: it is forwarded unchanged."},
		{ID: "pgp-mime", Why: "Signed or encrypted content is never changed; the log reports it as left alone."},
		{ID: "message-rfc822", Why: "A message that was forwarded as an attachment is not addressed to these recipients: it is never changed, and the log reports it as left alone."},
	}
}
