package remedy

import (
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// nonchar takes out code points that Unicode sets aside as no characters.
func nonchar() *Remedy {
	return &Remedy{
		ID:       "nonchar",
		Summary:  "remove U+FFFE, U+FFFF and other non-characters from texts",
		Why:      "Exported texts sometimes contain code points that are not characters. They cannot be stored as XML, so Nextcloud does not show such a meeting.",
		Source:   "nextcloud/calendar#6043; Unicode Standard §23.7",
		Profiles: []Profile{Standard},
		Facets:   textFacets,
		Run: func(c *Object) {
			editText(c, Warning, ical.FaultControl, "without non-characters", dropNonCharacters)
		},
	}
}

func dropNonCharacters(_ *ical.Line, s string) string {
	if strings.IndexFunc(s, ical.IsNonCharacter) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !ical.IsNonCharacter(r) {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}
