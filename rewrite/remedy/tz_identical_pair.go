package remedy

import "strings"

// tzIdenticalPair takes the DAYLIGHT away from zones without daylight saving.
//
// QUIRK(exchange2003): tz-identical-pair. CDO always writes both.
func tzIdenticalPair() *Remedy {
	return &Remedy{
		ID:       "tz-identical-pair",
		Summary:  "remove DAYLIGHT where its offset is that of STANDARD",
		Why:      "Exchange writes daylight saving time with the same offset for zones that have none. Strict parsers report an error.",
		Source:   "Zimbra ff9275dbd8",
		Profiles: []Profile{Standard},
		Looks:    []string{"BEGIN:DAYLIGHT"},
		Run: func(c *Object) {
			changed := false
			for _, d := range c.Zones.All() {
				std, dst := d.Component.Children("STANDARD"), d.Component.Children("DAYLIGHT")
				if d.Rules == nil || len(std) != 1 || len(dst) != 1 {
					continue
				}
				offset := strings.TrimSpace(std[0].Value("TZOFFSETTO"))
				same := true
				for _, v := range []string{std[0].Value("TZOFFSETFROM"), dst[0].Value("TZOFFSETFROM"), dst[0].Value("TZOFFSETTO")} {
					same = same && strings.TrimSpace(v) == offset
				}
				if same && c.Found(found(Info, dst[0], "TZOFFSETTO", offset, "")) {
					d.Component.RemoveChild(dst[0])
					changed = true
				}
			}
			if changed {
				c.ResetZones()
			}
		},
	}
}
