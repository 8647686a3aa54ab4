package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// xMsOlkForceinspectoropen drops the mark of a file that was forwarded by hand.
func xMsOlkForceinspectoropen() *Remedy {
	return &Remedy{
		ID:       "x-ms-olk-forceinspectoropen",
		Summary:  "remove X-MS-OLK-FORCEINSPECTOROPEN",
		Why:      "Outlook adds this to messages that it forwards as iCalendar. Google offers no response buttons, or refuses the invitation.",
		Source:   "OutlookGoogleCalendarSync#806",
		Profiles: notMicrosoft(),
		Looks:    []string{"X-MS-OLK-FORCEINSPECTOROPEN"},
		Run: func(c *Object) {
			dropEverywhere(c, Info, func(l *ical.Line) bool { return l.Name() == "X-MS-OLK-FORCEINSPECTOROPEN" })
		},
	}
}
