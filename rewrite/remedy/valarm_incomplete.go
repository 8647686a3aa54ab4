package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// valarmIncomplete gives an alarm what RFC 5545 §3.6.6 requires; an alarm that
// does not say when is taken out.
func valarmIncomplete() *Remedy {
	return &Remedy{
		ID:       "valarm-incomplete",
		Summary:  "complete a VALARM without ACTION or DESCRIPTION, remove one without TRIGGER",
		Why:      "BlackBerry and generators write incomplete alarms. Strict servers refuse the whole meeting because of one.",
		Source:   "cyrus-imapd jmap_calendar.c; ical4j VAlarmRule; RFC 5545 §3.6.6",
		Profiles: []Profile{Standard},
		Facets:   FacetAlarms,
		Looks:    []string{"BEGIN:VALARM"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				ev.Items = slices.DeleteFunc(ev.Items, func(it ical.Item) bool {
					return it.Sub != nil && it.Sub.Name == "VALARM" && completeAlarm(c, it.Sub)
				})
			}
		},
	}
}

// completeAlarm repairs an alarm and reports whether it is to go.
func completeAlarm(c *Object, alarm *ical.Component) (gone bool) {
	if strings.TrimSpace(alarm.Value("TRIGGER")) == "" {
		return c.Found(found(Warning, alarm, "TRIGGER", "", ""))
	}
	if strings.TrimSpace(alarm.Value("ACTION")) == "" && c.Found(found(Warning, alarm, "ACTION", "", "DISPLAY")) {
		setOrAdd(alarm, "ACTION", "DISPLAY")
	}
	display := strings.EqualFold(strings.TrimSpace(alarm.Value("ACTION")), "DISPLAY")
	if display && !alarm.Has("DESCRIPTION") && c.Found(found(Warning, alarm, "DESCRIPTION", "", "Reminder")) {
		alarm.Add(ical.NewLine("DESCRIPTION", "Reminder"))
	}
	return false
}
