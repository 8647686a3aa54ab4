package remedy

// kb1601Tracktime warns of a meeting that Exchange 2003 may soon be unable to
// send. It is for mail that did leave: some recipient's track time is 1601
// already. x-replytime and year-1601 take the date out of the mail; the
// mailbox is not ours to mend.
func kb1601Tracktime() *Remedy {
	return &Remedy{
		ID:      "kb-1601-tracktime",
		Summary: "report an attendee's response that is stored with the date 1601",
		Why:     "This message was sent, but Exchange has stored a response to the meeting with the date 1 January 1601, and the next update or cancellation may never leave the queue (event 327, EcGetMime; a non-delivery report 4.4.7 after two days). Repair the recipient table with MFCMAPI, set FixRecipientTrackStatusTime after you install the hotfix, or send a new meeting (KB 938650). An inbound listener prevents it for later meetings.",
		Source:  "KB 938650; KB 969254",
		Never:   true,
		Way:     OnlyOut,
		Looks:   []string{"ATTENDEE ;X-REPLYTIME"},
		Run: func(c *Object) {
			if !c.fromOrganizer() {
				return
			}
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil {
						continue
					}
					if p, ok := l.Param("X-REPLYTIME"); ok && in1601(p.Value()) {
						c.Found(found(Error, ev, "ATTENDEE", l.Value()+" X-REPLYTIME="+p.Value(), ""))
					}
				}
			}
		},
	}
}
