package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzCustomized renames zones without a name of their own, by the rules of
// their VTIMEZONE.
//
// QUIRK(outlook): tz-customized.
func tzCustomized() *Remedy {
	return tzRename("tz-customized",
		"rename Customized Time Zone and tzone://Microsoft/… by their rules",
		"Outlook and Exchange use these names for any zone that they do not know. Receivers that look zones up by name find nothing and shift the meeting.",
		"several projects special-case the literal name; MS-OXCICAL",
		Warning, microsoft(), zone.Customized)
}
