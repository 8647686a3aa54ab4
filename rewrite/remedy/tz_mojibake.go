package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzMojibake renames zones with a name in another language, as it was or after
// it went through the wrong character set, by the rules of their VTIMEZONE.
func tzMojibake() *Remedy {
	return tzRename("tz-mojibake",
		"rename zones whose name has letters outside of ASCII by their rules",
		"A German Windows calls the zone Mitteleuropäische Zeit, and gateways have made MitteleuropÃ¤ische Zeit of it. Nobody knows a zone by that name.",
		"tine20 issue 3917",
		Warning, microsoft(), zone.Garbled)
}
