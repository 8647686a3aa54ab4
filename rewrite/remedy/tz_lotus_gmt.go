package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzLotusGMT renames the zone GMT where it has British Summer Time.
//
// QUIRK(domino): tz-lotus-gmt. Notes calls the zone of the United Kingdom GMT;
// who reads the name as UTC is an hour off in summer.
func tzLotusGMT() *Remedy {
	return tzRename("tz-lotus-gmt",
		"rename the zone GMT to Europe/London where it has daylight saving time",
		"Lotus Notes calls the British zone GMT. Receivers that read this as UTC show summer meetings an hour late.",
		"Zimbra bugs 84362 and 27630",
		Error, notDomino(), zone.LotusGMT)
}
