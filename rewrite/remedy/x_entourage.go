package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// xEntourage drops Entourage's private identifier.
func xEntourage() *Remedy {
	return &Remedy{
		ID:       "x-entourage",
		Summary:  "remove X-ENTOURAGE_UUID",
		Why:      "Entourage's private identifier has no meaning to other programs and accumulates in Exchange.",
		Source:   "DavMail VCalendar",
		Profiles: []Profile{Standard},
		Looks:    []string{"X-ENTOURAGE_UUID"},
		Run: func(c *Object) {
			dropEverywhere(c, Info, func(l *ical.Line) bool { return l.Name() == "X-ENTOURAGE_UUID" })
		},
	}
}
