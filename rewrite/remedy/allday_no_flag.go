package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// alldayNoFlag marks an event of whole days as Exchange marks its own.
func alldayNoFlag() *Remedy {
	const flag = "X-MICROSOFT-CDO-ALLDAYEVENT"
	return &Remedy{
		ID:       "allday-no-flag",
		Summary:  "add " + flag + ":TRUE to all-day events",
		Why:      "Exchange 2003 and 2007 use a property of their own for all-day events. Without it, an all-day event may show as one that lasts from midnight to midnight.",
		Source:   "DavMail, setServerAllday",
		Profiles: []Profile{Exchange2003, Exchange2007},
		Run: func(c *Object) {
			if !c.isFor(Exchange2003, Exchange2007) {
				return
			}
			for _, ev := range c.schedulable() {
				start, ok := c.moment(ev.First("DTSTART"))
				if ev.Name != "VEVENT" || !ok || start.Form != ical.Date || ev.Has(flag) {
					continue
				}
				if end, ok := c.moment(ev.First("DTEND")); ev.Has("DTEND") && (!ok || end.Form != ical.Date) {
					continue
				}
				if c.Found(found(Info, ev, flag, "", "TRUE")) {
					ev.Add(ical.NewLine(flag, "TRUE"))
				}
			}
		},
	}
}
