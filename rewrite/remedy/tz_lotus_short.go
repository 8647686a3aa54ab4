package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzLotusShort renames zones with a short name of Lotus Notes.
//
// QUIRK(domino): tz-lotus-short. It is the name of Windows without "Standard
// Time".
func tzLotusShort() *Remedy {
	return tzRename("tz-lotus-short",
		"rename zones like W. Europe or Eastern to their IANA name",
		"Lotus Notes has its own zone names. Outlook, Exchange and all others treat them as an unknown zone.",
		"sabre vobject, lotuszones; Windows zone keys",
		Warning, notDomino(), zone.Lotus)
}
