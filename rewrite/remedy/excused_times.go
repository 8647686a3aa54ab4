package remedy

// excusedTimes are rows about identity, time zones and recurrence.
func excusedTimes() []Excused {
	return []Excused{
		{ID: "order", Why: "The order of two messages is kept because each is handed to the next hop before the client gets its reply: nothing is queued that could be overtaken."},
		{ID: "tz-cdo-name-ignored", Why: "The same names, with a receiver that falls back to the reader's own zone.", See: []string{"tz-cdo-name"}},
		{ID: "tz-server-zone", Why: "Exchange 2003 writes the zone of the server instead of the organizer's: the instant is right, and the message does not show which zone was meant."},
		{ID: "trigger-form", Why: "TRIGGER;RELATED=START:-PT00H15M00S is not canonical, but every program that was tried accepts it: there is nothing to repair or to report."},
		{ID: "series-as-rdate-groupwise", Why: "A series of GroupWise that is a list of dates becomes a rule if a rule has the same dates.", See: []string{"rdate-only"}},
		{ID: "single-to-series", Why: "Whether a meeting that becomes a series was a single meeting before can be known only from the earlier message."},
		{ID: "series-after-instance-cancel", Why: "Which occurrences Notes has already cancelled can be known only from earlier messages, and Reconvene never sends a cancellation that the organizer did not send."},
		{ID: "series-move-exceptions", Why: "Whether listed exceptions survive a move of their series depends on the receiver's calendar: the message is right in both cases."},
		{ID: "series-reschedule-meaning", Why: "An RRULE is never added to or removed from an update, because receivers differ in what that means."},
		{ID: "instance-mail-flood", Why: "Exchange sends one message for each exception; each is needed, and their order is kept."},
	}
}
