package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzWindowsName renames zones with a name of Windows.
//
// QUIRK(exchange2007): tz-windows-name.
func tzWindowsName() *Remedy {
	return tzRename("tz-windows-name",
		"rename zones like W. Europe Standard Time to their IANA name",
		"Exchange 2007 and later use the zone names of Windows. Receivers that support only IANA names refuse them or read the time as UTC.",
		"Organizr issue 1366; Etar issue 453; CLDR windowsZones",
		Warning, microsoft(), zone.Windows)
}
