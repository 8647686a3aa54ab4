package remedy

// excusedReports are the reports of the manufacturers' knowledge bases. Each
// describes what people saw; the defect behind it has a row of its own.
func excusedReports() []Excused {
	return []Excused{
		{ID: "kb-seq-not-bumped", Why: "The update that Notes ignores is repaired by its sequence number.", See: []string{"seq-cdo"}},
		{ID: "kb-cancel-as-update", Why: "The request that is sent is for a cancelled meeting.", See: []string{"request-cancelled"}},
		{ID: "kb-delegate-delete", Why: "This happens inside the mailbox, between Outlook and the server: no message shows it."},
		{ID: "kb-busy-not-tentative", Why: "Exchange 2007 copies the free/busy status of the invitation.", See: []string{"cdo-busystatus-request"}},
		{ID: "kb-server-tz", Why: "Exchange 2003 puts the zone of the server into the invitation.", See: []string{"tz-server-zone"}},
		{ID: "kb-multi-event-ics", Why: "Exchange 2003 creates one item from a file with several events; splitting it would change what the sender sent.", See: []string{"multi-uid"}},
		{ID: "kb-ims-text", Why: "Exchange 5.5 shows a message that contains only a calendar as text.", See: []string{"cal-only"}},
		{ID: "kb-exdate-zone", Why: "Exchange 2010 ignores an EXDATE in another zone than DTSTART.", See: []string{"exdate-zone"}},
		{ID: "kb-not-supported-ics", Why: "What Outlook cannot store becomes an attachment.", See: []string{"rdate-only", "rrule-mapi-limits", "rrule-setpos-to-nth"}},
		{ID: "kb-vtimezone-rdate-rrule", Why: "Exchange refuses an observance with both RDATE and RRULE.", See: []string{"tz-rdate-and-rrule"}},
		{ID: "kb-dl-cancel-order", Why: "The order of two messages is kept because each is handed to the next hop before the client gets its reply; a relay without a queue cannot change it."},
		{ID: "kb-eas-series-delete", Why: "A cancellation of one occurrence must name it.", See: []string{"rid-missing"}},
		{ID: "kb-notes-new-invite", Why: "This happens in the Notes connector, which does not use SMTP: no relay is involved."},
		{ID: "kb-notes-split-unid", Why: "A message is never split by its recipients: all of them get the message that was sent."},
		{ID: "kb-domino-8bit", Why: "A calendar is never forwarded with octets above 127.", See: []string{"8bit-to-7bit-server"}},
		{ID: "kb-pop-tnef", Why: "The meeting in a winmail.dat is converted to a calendar.", See: []string{"tnef"}},
		{ID: "kb-corrupt-tnef", Why: "A winmail.dat that cannot be read is reported.", See: []string{"tnef-corrupt"}},
		{ID: "kb-jerusalem", Why: "The rules of a well-known zone are compared with the published ones.", See: []string{"tz-stale-rules"}},
		{ID: "kb-exdate-2007", Why: "Exchange 2007 reads only one EXDATE.", See: []string{"exdate-multi", "exdate-multi-line-e2007"}},
		{ID: "kb-imail-loop", Why: "A part without a body makes Exchange 2000 convert the message forever.", See: []string{"empty-part"}},
		{ID: "kb-notes-guid-loop", Why: "A meeting without a UID loops in the Notes connector.", See: []string{"uid-missing"}},
		{ID: "kb-external-autoprocess", Why: "Not visible in a message: Exchange 2007 and 2010 leave meeting messages from outside to Outlook unless ProcessExternalMeetingMessages is set for the mailbox."},
		{ID: "kb-best-practice", Why: "Advice for delegates and devices that work on one calendar: no message shows it."},
	}
}
