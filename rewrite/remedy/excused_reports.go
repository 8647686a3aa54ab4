package remedy

// excusedReports are the reports of the manufacturers' knowledge bases. Each
// describes what people saw; the defect behind it has a row of its own.
func excusedReports() []Excused {
	return []Excused{
		{ID: "kb-seq-not-bumped", Why: "The update that Notes ignores is repaired by its sequence number.", See: []string{"seq-cdo"}},
		{ID: "kb-cancel-as-update", Why: "What goes out is a request for what is cancelled.", See: []string{"request-cancelled"}},
		{ID: "kb-delegate-delete", Why: "This happens inside of the mailbox, between Outlook and the server: no mail shows it."},
		{ID: "kb-busy-not-tentative", Why: "Exchange 2007 copies the free/busy status of the invitation.", See: []string{"cdo-busystatus-request"}},
		{ID: "kb-server-tz", Why: "Exchange 2003 puts the zone of the server into the invitation.", See: []string{"tz-server-zone"}},
		{ID: "kb-multi-event-ics", Why: "Exchange 2003 makes one item of a file with several events; to split it would change what the sender sent.", See: []string{"multi-uid"}},
		{ID: "kb-ims-text", Why: "A mail that is nothing but a calendar becomes visible text in Exchange 5.5.", See: []string{"cal-only"}},
		{ID: "kb-exdate-zone", Why: "Exchange 2010 overlooks an EXDATE in another zone than DTSTART.", See: []string{"exdate-zone"}},
		{ID: "kb-not-supported-ics", Why: "What Outlook cannot store becomes an attachment.", See: []string{"rdate-only", "rrule-mapi-limits", "rrule-setpos-to-nth"}},
		{ID: "kb-vtimezone-rdate-rrule", Why: "Exchange refuses an observance with both RDATE and RRULE.", See: []string{"tz-rdate-and-rrule"}},
		{ID: "kb-dl-cancel-order", Why: "The order of two messages is kept because each is handed to the next hop before the client gets its answer; a relay without a queue cannot change it."},
		{ID: "kb-eas-series-delete", Why: "A cancellation of one occurrence must name it.", See: []string{"rid-missing"}},
		{ID: "kb-notes-new-invite", Why: "This happens in the Notes connector, which does not speak SMTP: no relay is in between."},
		{ID: "kb-notes-split-unid", Why: "A message is never split by its recipients: all of them get the one that came."},
		{ID: "kb-domino-8bit", Why: "A calendar never leaves with octets above 127.", See: []string{"8bit-to-7bit-server"}},
		{ID: "kb-pop-tnef", Why: "The meeting in a winmail.dat becomes a calendar.", See: []string{"tnef"}},
		{ID: "kb-corrupt-tnef", Why: "A winmail.dat that cannot be read is reported.", See: []string{"tnef-corrupt"}},
		{ID: "kb-jerusalem", Why: "The rules of a well-known zone are compared with the published ones.", See: []string{"tz-stale-rules"}},
		{ID: "kb-exdate-2007", Why: "Exchange 2007 reads one EXDATE only.", See: []string{"exdate-multi", "exdate-multi-line-e2007"}},
		{ID: "kb-imail-loop", Why: "A part without a body makes Exchange 2000 convert the mail for ever.", See: []string{"empty-part"}},
		{ID: "kb-notes-guid-loop", Why: "A meeting without an identity loops in the Notes connector.", See: []string{"uid-missing"}},
		{ID: "kb-external-autoprocess", Why: "Not in the mail at all: Exchange 2007 and 2010 leave meeting mail from outside to Outlook unless ProcessExternalMeetingMessages is set for the mailbox."},
		{ID: "kb-best-practice", Why: "Advice for delegates and devices that work on one calendar: no mail shows it."},
	}
}
