package remedy

import "strings"

// The UID that Exchange and Outlook give a meeting is the hexadecimal form of
// its GlobalObjectId (MS-OXCICAL, UID): 32 digits that are always the same, 8
// digits with the date of one occurrence (zero in the id of the meeting, the
// CleanGlobalObjectId), and at least 42 more.
const (
	goidPrefix = "040000008200E00074C5B7101A82E008"
	goidDate   = len(goidPrefix)
	goidRest   = goidDate + len(goidNoDate)
	goidNoDate = "00000000"
	goidLeast  = 82
)

// isGOID reports whether a UID is a GlobalObjectId, in either case.
func isGOID(uid string) bool {
	return len(uid) >= goidLeast && strings.EqualFold(uid[:goidDate], goidPrefix) && isHex(uid)
}

// instanceDate returns the eight digits of the occurrence that a GlobalObjectId
// names, "" when it names the whole meeting or is none.
func instanceDate(uid string) string {
	if !isGOID(uid) || uid[goidDate:goidRest] == goidNoDate {
		return ""
	}
	return uid[goidDate:goidRest]
}

// cleanGOID returns the UID of the whole meeting.
func cleanGOID(uid string) string {
	if instanceDate(uid) == "" {
		return uid
	}
	return uid[:goidDate] + goidNoDate + uid[goidRest:]
}

// identity returns what is the same for all components of one meeting. It is
// for comparing only.
func identity(uid string) string {
	if !isGOID(uid) {
		return strings.ToLower(uid)
	}
	return strings.ToUpper(cleanGOID(uid))
}

func isHex(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !('0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return true
}
