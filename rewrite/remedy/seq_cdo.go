package remedy

import "strconv"

// cdoSequence is where Exchange counts.
const cdoSequence = "X-MICROSOFT-CDO-APPT-SEQUENCE"

// seqCDO raises SEQUENCE to the number that Exchange 2003 really counts with.
//
// QUIRK(exchange2003): seq-cdo. CDO leaves SEQUENCE:0 on an update and writes
// the revision into X-MICROSOFT-CDO-APPT-SEQUENCE, so that a receiver which
// obeys RFC 5546 §2.1.5 (Notes above all) drops the update as stale. The
// X- property is kept: Exchange itself lets it win on import.
func seqCDO() *Remedy {
	return &Remedy{
		ID:       "seq-cdo",
		Summary:  "raise SEQUENCE to " + cdoSequence,
		Why:      "Exchange 2003 sends updates and cancellations with SEQUENCE:0 and counts revisions in a property of its own. Notes and every other receiver that follows RFC 5546 treat them as outdated and ignore them.",
		Source:   "KB 913579; Thunderbird calItipUtils getSequence; MS-OXCICAL c9d1e1c7",
		Profiles: []Profile{Standard},
		Facets:   FacetSequence,
		Looks:    []string{"X-MICROSOFT-CDO-APPT-SEQUENCE"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				revision := ev.First(cdoSequence)
				if revision == nil {
					continue
				}
				want, err := strconv.ParseUint(revision.Value(), 10, 31)
				if err != nil {
					continue
				}
				seq := ev.First("SEQUENCE")
				have := uint64(0)
				if seq != nil {
					if have, err = strconv.ParseUint(seq.Value(), 10, 31); err != nil {
						continue
					}
				}
				if want <= have {
					continue
				}
				after := strconv.FormatUint(want, 10)
				if !c.Found(found(Error, ev, "SEQUENCE", ev.Value("SEQUENCE"), after)) {
					continue
				}
				setOrAdd(ev, "SEQUENCE", after)
			}
		},
	}
}
