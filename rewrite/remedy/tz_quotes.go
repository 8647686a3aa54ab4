package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// tzParamQuoted takes quotes off zone names that need none.
func tzParamQuoted() *Remedy {
	return &Remedy{
		ID:       "tz-param-quoted",
		Summary:  "remove the quotes of a TZID parameter that needs none",
		Why:      "Outlook quotes every zone name that contains a space. Programs that compare the text with the VTIMEZONE find no such zone.",
		Source:   "ical4j user guide, cuas.md; Zimbra sanitizeTZID; RFC 5545 §3.2",
		Profiles: []Profile{Standard},
		Except:   []Profile{OutlookMac}, // see tz-param-must-quote
		Looks:    []string{`;TZID "`},
		Run: func(c *Object) {
			eachQuoting(c, Info, func(raw, value string) bool {
				return strings.Contains(raw, `"`) && !ical.NeedsQuotes(value) && !strings.Contains(value, `"`)
			}, func(l *ical.Line, value string) { l.SetParam("TZID", value) })
		},
	}
}

// tzParamMustQuote puts quotes around each zone name.
//
// QUIRK(entourage): tz-param-must-quote. Entourage 2004 fails without.
func tzParamMustQuote() *Remedy {
	return &Remedy{
		ID:       "tz-param-must-quote",
		Summary:  "put quotes around each TZID parameter",
		Why:      "Entourage 2004 fails to read a zone name without quotes.",
		Source:   "Zimbra bugs 7459 and 6536",
		Profiles: []Profile{OutlookMac},
		Looks:    []string{";TZID"},
		Run: func(c *Object) {
			if !c.isFor(OutlookMac) {
				return
			}
			eachQuoting(c, Info, func(raw, value string) bool {
				return !strings.Contains(raw, `"`) && value != ""
			}, func(l *ical.Line, _ string) { l.QuoteParam("TZID") })
		},
	}
}

// eachQuoting mends the TZID parameters that match. Each zone is one finding,
// however many properties are in it.
func eachQuoting(c *Object, level Level, match func(raw, value string) bool, mend func(l *ical.Line, value string)) {
	var wanted map[string]bool
	eachZoned(c, func(comp *ical.Component, l *ical.Line, tzid string) {
		p, _ := l.Param("TZID")
		if len(p.Values) != 1 || !match(p.Raw(), tzid) {
			return
		}
		want, known := wanted[tzid]
		if !known {
			f := found(level, comp, l.Name(), p.Raw(), "")
			if f.After = "TZID=" + tzid; !strings.Contains(p.Raw(), `"`) {
				f.After = `TZID="` + tzid + `"`
			}
			want = c.Found(f)
			if wanted == nil {
				wanted = map[string]bool{}
			}
			wanted[tzid] = want
		}
		if want {
			mend(l, tzid)
		}
	})
}
