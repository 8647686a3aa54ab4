package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzWindowsNumber renames zones whose name has a number after it.
//
// QUIRK(exchange): tz-windows-number. Exchange Online counts the zones that it
// knows by one name with different rules. Nobody else knows such a name, another
// Exchange included.
func tzWindowsNumber() *Remedy {
	return tzRename("tz-windows-number",
		"rename zones like Eastern Standard Time 1 to the IANA name of the zone without the number",
		"Exchange Online adds a number to the name of a zone when it has two of that name. Receivers that look zones up by name find none and show the meeting in the reader's own zone.",
		"derekantrican/GAS-ICS-Sync#219",
		Error, nil, zone.Numbered)
}
