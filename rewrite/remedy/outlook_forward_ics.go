package remedy

// outlookForwardIcs shows an invitation inline that Outlook forwarded as a
// file. It runs before X-MS-OLK-FORCEINSPECTOROPEN, by which it is known, may
// be dropped.
func outlookForwardIcs() *Remedy {
	return &Remedy{
		ID:       "outlook-forward-ics",
		Summary:  "set the disposition to inline for an invitation that Outlook attached to a forwarded message",
		Why:      "Outlook without Exchange forwards a meeting as an attached calendar. Webmail such as James and TMail then shows a file without buttons.",
		Source:   "linagora/james-project#5231",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-MS-OLK-FORCEINSPECTOROPEN"},
		Run: func(c *Object) {
			if c.Part.Bare || c.Part.Disposition != "attachment" || !c.Part.Only || c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				if ev.Has("X-MS-OLK-FORCEINSPECTOROPEN") {
					if c.Found(partFound(Warning, "Content-Disposition", "attachment", "inline")) {
						c.Part.Disposition = "inline"
					}
					return
				}
			}
		},
	}
}
