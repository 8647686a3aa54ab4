package remedy

import "strings"

// Excused is a known defect that no remedy of its own answers, and why.
type Excused struct {
	ID  string   // of the defect catalogue
	Why string   // for an administrator: why nothing in here is called so
	See []string // IDs of what answers it instead, if anything does
}

// AllExcused lists the defects of the catalogue that are not in All, in the
// order of the catalogue. Together the two lists are the whole catalogue.
func AllExcused() []Excused {
	var all []Excused
	for _, list := range [][]Excused{excusedReports(), excusedTimes(), excusedStructure(), excusedProperties(), excusedParts()} {
		all = append(all, list...)
	}
	return all
}

// FindExcused returns the excused defect with that ID, or nil.
func FindExcused(id string) *Excused {
	for _, e := range AllExcused() {
		if strings.EqualFold(e.ID, id) {
			return &e
		}
	}
	return nil
}

// excusedStructure are rows about METHOD, STATUS and components.
func excusedStructure() []Excused {
	return []Excused{
		{ID: "cancel-no-dtstart", Why: "A cancellation or reply with nothing but the UID can only be completed from the invitation before it, and each message is treated by itself."},
		{ID: "request-valarm", Why: "The organizer's reminder in a request is kept; how its trigger is written is another defect.", See: []string{"trigger-form"}},
		{ID: "reply-rrule", Why: "BlackBerry Enterprise Server wants the RRULE back in a reply; it stands in the invitation, and each message is treated by itself."},
		{ID: "reply-first-instance", Why: "A reply to the first occurrence looks exactly like one to the series of a sender that names the first occurrence by mistake: nothing in the message tells them apart."},
		{ID: "reply-comment", Why: "The text of the HTML body is not compared with the calendar: what a reply says in its body only is not lost in the mail, only in the calendar of Exchange 2003."},
	}
}

// excusedProperties are rows about text and X- properties.
func excusedProperties() []Excused {
	return []Excused{
		{ID: "x-tzid-param", Why: "A TZID parameter of an X- property harms nobody who does not check it: it stays, and no VTIMEZONE is asked for it."},
		{ID: "x-disallow-counter", Why: "Without X-MICROSOFT-DISALLOW-COUNTER old Outlook does not offer to propose another time; nearly every invitation lacks it, and whether a counter is welcome is the organizer's to say."},
	}
}

// excusedParts are rows about the mail around the calendar.
func excusedParts() []Excused {
	return []Excused{
		{ID: "ct-application-ics", Why: "A copy of the calendar in an attachment gets the same text as the invitation: that is how parts are rewritten, not a repair by itself."},
		{ID: "base64-vs-7bit", Why: "A calendar in base64 is as good as any other: every mail program decodes it, and nearly all of Exchange's are like that."},
		{ID: "footer-in-calendar", Why: "What stands behind the end of the calendar is cut off, wherever it comes from.", See: []string{"trailing-junk"}},
		{ID: "tnef", Why: "A winmail.dat is opened and replaced by a calendar before the remedies run; [rewrite] tnef says how far that goes."},
		{ID: "dkim-signed", Why: "On the way out a mail that carries somebody's DKIM signature is left alone, because a repair would break it; the log says so. On the way in to our own Exchange the signature is verified, the result is recorded in Authentication-Results, and the mail is repaired. [rewrite] dkim says otherwise."},
		{ID: "smime-signed", Why: "What is signed or encrypted is never touched; the log names it as left alone."},
		{ID: "notes-encrypted", Why: "A Notes encryption is sealed content that nobody but the addressee opens: it passes as it came."},
		{ID: "pgp-mime", Why: "What is signed or encrypted is never touched; the log names it as left alone."},
		{ID: "message-rfc822", Why: "A message that was forwarded as an attachment is not addressed to these recipients: it is never touched, and the log names it as left alone."},
	}
}
