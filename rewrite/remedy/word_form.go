package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/itip"
)

// wordForm writes enumerated words as RFC 5545 spells them.
func wordForm() *Remedy {
	return &Remedy{
		ID:       "word-form",
		Summary:  "write the values of PARTSTAT, ROLE, RSVP, CLASS, STATUS, TRANSP and similar as RFC 5545 spells them",
		Why:      "Such values are case-insensitive, but programs compare them as text: Outlook keeps asking an attendee who has Accepted. Values of vCalendar and of other formats (YES, NEEDS_ACTION, REQUIRED) are read as the default.",
		Source:   "adamgibbons/ics#255; RFC 5545 §3.2, §3.8.1.3, §3.8.1.11, §3.8.2.7",
		Profiles: []Profile{Standard},
		Facets:   FacetAttendees | FacetStatus | FacetAlarms,
		Run: func(c *Object) {
			for _, m := range malformed(c) {
				if m.Type != itip.Word {
					continue
				}
				l, kind := m.Line, m.Param
				if kind == "" {
					kind = l.Name()
				}
				after, ok := plainWord(itip.WordsOf(m.Component.Name, l.Name(), m.Param), kind, m.Value)
				if !ok || after == m.Value {
					continue
				}
				if !c.Found(found(Level(m.Level), m.Component, l.Name(), kind+"="+m.Value, kind+"="+after)) {
					continue
				}
				if m.Param == "" {
					l.SetValue(after)
				} else {
					l.MapParams(func(name, value string) string {
						if name == m.Param && value == m.Value {
							return after
						}
						return value
					})
				}
			}
		},
	}
}

// otherWords are words that other formats and programs have for those of RFC
// 5545, by property or parameter.
var otherWords = map[string]map[string]string{
	"PARTSTAT": {"ACCEPT": "ACCEPTED", "DECLINE": "DECLINED", "SENT": "NEEDS-ACTION", "NONE": "NEEDS-ACTION"},
	"ROLE": {
		"REQUIRED": "REQ-PARTICIPANT", "REQ": "REQ-PARTICIPANT", "REQUIRED-PARTICIPANT": "REQ-PARTICIPANT", "ATTENDEE": "REQ-PARTICIPANT",
		"OPTIONAL": "OPT-PARTICIPANT", "OPT": "OPT-PARTICIPANT", "OPTIONAL-PARTICIPANT": "OPT-PARTICIPANT",
		"NON": "NON-PARTICIPANT", "FYI": "NON-PARTICIPANT",
	},
	"RSVP":     {"YES": "TRUE", "Y": "TRUE", "1": "TRUE", "T": "TRUE", "NO": "FALSE", "N": "FALSE", "0": "FALSE", "F": "FALSE"},
	"STATUS":   {"CANCELED": "CANCELLED", "CANCEL": "CANCELLED", "IN-PROGRESS": "IN-PROCESS", "COMPLETE": "COMPLETED", "CONFIRM": "CONFIRMED"},
	"TRANSP":   {"0": "OPAQUE", "1": "TRANSPARENT", "BUSY": "OPAQUE", "FREE": "TRANSPARENT"}, // the numbers are vCalendar's
	"CUTYPE":   {"PERSON": "INDIVIDUAL", "USER": "INDIVIDUAL"},
	"ENCODING": {"B": "BASE64"}, // vCard's
	"FBTYPE":   {"TENTATIVE": "BUSY-TENTATIVE", "UNAVAILABLE": "BUSY-UNAVAILABLE", "OOF": "BUSY-UNAVAILABLE"},
}

// plainWord returns the word of the list that v is another spelling of.
func plainWord(list []string, kind, v string) (string, bool) {
	s := strings.Trim(strings.ToUpper(strings.TrimSpace(v)), `"'`)
	s = strings.NewReplacer("_", "-", " ", "-").Replace(s)
	if other, ok := otherWords[kind][s]; ok && slices.Contains(list, other) {
		return other, true
	}
	letters := strings.ReplaceAll(s, "-", "")
	for _, w := range list {
		if letters != "" && letters == strings.ReplaceAll(w, "-", "") {
			return w, true
		}
	}
	return "", false
}
