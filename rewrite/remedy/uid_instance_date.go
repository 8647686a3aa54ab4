package remedy

// uidInstanceDate makes the UID of a single occurrence that of its meeting.
//
// QUIRK(exchange): uid-instance-date. For an update or cancellation of one
// occurrence Exchange writes the GlobalObjectId, which holds the date of the
// occurrence, where RFC 5545 §3.8.4.7 wants the persistent identifier. Without
// a RECURRENCE-ID the date is the only trace of the occurrence, so it stays.
func uidInstanceDate() *Remedy {
	return &Remedy{
		ID:       "uid-instance-date",
		Summary:  "remove the date of the occurrence from an Exchange UID",
		Why:      "Exchange and Outlook put the date of the occurrence into the UID when they change or cancel a single one. All other programs see an unknown meeting: a second invitation appears, or the cancellation has no effect.",
		Source:   "MS-OXCICAL UID (ac8c1e68); PidLidCleanGlobalObjectId",
		Profiles: []Profile{Standard},
		Facets:   FacetUID,
		Looks:    []string{"RECURRENCE-ID"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				l := ev.First("UID")
				if l == nil || instanceDate(l.Value()) == "" || !ev.Has("RECURRENCE-ID") {
					continue // without RECURRENCE-ID: see rid-missing
				}
				after := cleanGOID(l.Value())
				if c.Found(found(Error, ev, "UID", l.Value(), after)) {
					l.SetValue(after)
				}
			}
		},
	}
}
