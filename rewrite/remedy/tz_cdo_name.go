package remedy

import "github.com/reconvene/reconvene/rewrite/zone"

// tzCDOName renames zones that CDO named by a list of cities.
//
// QUIRK(exchange2003): tz-cdo-name. The offset in the name has a dot, the
// cities are parted by slashes, and the rules after it may be those of 2003.
func tzCDOName() *Remedy {
	return tzRename("tz-cdo-name",
		"rename zones like (GMT-06.00) Central Time (US & Canada) to their IANA name",
		"Exchange 2000 and 2003 name zones by a list of cities. Apple, CalDAV clients and many web calendars support only IANA names and show the meeting in the reader's own zone, hours off.",
		"Zimbra bug 15549; tine20 issue 4459; CdoTimeZoneId",
		Error, microsoft(), zone.CDO)
}
