package remedy

import "strconv"

// cdoApptseqStale raises Exchange's own revision counter to SEQUENCE where a
// client of another make only copied it.
//
// QUIRK(exchange): cdo-apptseq-stale. Exchange lets its own counter win on
// import, in all versions: SEQUENCE is read only where the counter cannot be. What Exchange and Outlook write is believed: see seq-cdo.
func cdoApptseqStale() *Remedy {
	const cdo = "X-MICROSOFT-CDO-APPT-SEQUENCE"
	return &Remedy{
		ID:       "cdo-apptseq-stale",
		Summary:  "raise a copied " + cdo + " to SEQUENCE",
		Why:      "Apple and Zimbra copy Exchange's revision counter from the invitation and raise SEQUENCE alone. Exchange uses its own counter and treats the newer message as an older one.",
		Source:   "MS-OXCICAL, SEQUENCE and X-MICROSOFT-CDO-APPT-SEQUENCE (import); Thunderbird calItipUtils shows the reverse case",
		Profiles: microsoft(),
		Looks:    []string{"X-MICROSOFT-CDO-APPT-SEQUENCE SEQUENCE"},
		Run: func(c *Object) {
			if c.fromMicrosoft() {
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
