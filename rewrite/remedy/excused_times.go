package remedy

// excusedTimes are rows about identity, time zones and recurrence.
func excusedTimes() []Excused {
	return []Excused{
		{ID: "seq-google-behind", Why: "That an update of Google counts no higher than what the receiver has can only be seen with the message before it, and each message is treated by itself.", See: []string{"seq-not-raised-cancel", "dtstamp-copied"}},
		{ID: "order", Why: "The order of two messages is kept because each is handed to the next hop before the client gets its answer: nothing is queued that could be overtaken."},
		{ID: "uid-domino-map", Why: "Which UID of Domino's own stands for which invitation can only be known by remembering the invitation; Domino 9.0.1 and later with $CSUID2APPTUNIDCONTROL=4 keeps the UID."},
		{ID: "tz-cdo-name-ignored", Why: "The same names, seen by a receiver that falls back to the zone of its reader.", See: []string{"tz-cdo-name"}},
		{ID: "tz-server-zone", Why: "Exchange 2003 wrote the zone of the server in the place of the organizer's: the instant is right, and nothing in the message says which zone was meant."},
		{ID: "trigger-form", Why: "TRIGGER;RELATED=START:-PT00H15M00S is not canonical but was accepted everywhere it was tried: there is nothing to repair or to tell."},
		{ID: "series-as-rdate-groupwise", Why: "A series of GroupWise that comes as a list of dates becomes a rule where one has the same dates.", See: []string{"rdate-only"}},
		{ID: "single-to-series", Why: "That a meeting which becomes a series was a single one before can only be known from the earlier message."},
		{ID: "series-after-instance-cancel", Why: "Which occurrences Notes has already cancelled can only be known from earlier messages, and a cancellation is never sent that the organizer did not send."},
		{ID: "series-move-exceptions", Why: "Whether exceptions that are listed survive a move of their series is for the receiver's calendar to decide: the message is right either way."},
		{ID: "series-reschedule-meaning", Why: "An RRULE is never added to or taken out of an update, because receivers differ in what that means."},
		{ID: "instance-mail-flood", Why: "Exchange sends one mail for each exception; each is needed, and their order is kept."},
	}
}
