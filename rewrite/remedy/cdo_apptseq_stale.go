package remedy

import "strconv"

// cdoApptseqStale raises Exchange's own revision counter to SEQUENCE where a
// client of another make only copied it.
//
// QUIRK(exchange2003): cdo-apptseq-stale. Exchange lets its own counter win on
// import. What Exchange and Outlook write is believed: see seq-cdo.
func cdoApptseqStale() *Remedy {
	const cdo = "X-MICROSOFT-CDO-APPT-SEQUENCE"
	return &Remedy{
		ID:       "cdo-apptseq-stale",
		Summary:  "raise a copied " + cdo + " to SEQUENCE",
		Why:      "Apple and Zimbra copy Exchange's revision counter from the invitation and raise SEQUENCE alone. Exchange 2003 believes its own counter and treats the newer message as an old one.",
		Source:   "MS-OXCICAL c9d1e1c7 (import of APPT-SEQUENCE); Thunderbird calItipUtils shows the reverse case",
		Profiles: []Profile{Exchange2003},
		Way:      OnlyIn,
		Looks:    []string{"X-MICROSOFT-CDO-APPT-SEQUENCE SEQUENCE"},
		Run: func(c *Case) {
			if c.Microsoft() {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First(cdo)
				if l == nil {
					continue
				}
				have, err := strconv.ParseUint(l.Value(), 10, 31)
				if err != nil {
					continue
				}
				want, err := strconv.ParseUint(ev.Value("SEQUENCE"), 10, 31)
				if err != nil || want <= have {
					continue
				}
				after := strconv.FormatUint(want, 10)
				if c.Found(found(Error, ev, cdo, l.Value(), after)) {
					l.SetValue(after)
				}
			}
		},
	}
}
