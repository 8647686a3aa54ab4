package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzMojibake renames zones with a name in another language, as it was or after
// it went through the wrong character set, by the rules of their VTIMEZONE.
func tzMojibake() *Remedy {
	return tzRename("tz-mojibake",
		"rename zones whose name has characters outside ASCII by their rules",
		"A German Windows calls the zone Mitteleuropäische Zeit, and gateways turn that into MitteleuropÃ¤ische Zeit. Other programs do not know a zone of that name.",
		"tine20 issue 3917",
		Warning, microsoft(), zone.Garbled)
}
