package remedy

import "slices"

// Profile names a receiving system. Standard is what is safe for every receiver.
type Profile string

const (
	Standard     Profile = "standard"
	Exchange2003 Profile = "exchange2003" // Exchange 2000 and 2003
	Exchange2007 Profile = "exchange2007"
	Exchange     Profile = "exchange" // 2010 and later, Microsoft 365
	Domino       Profile = "domino"   // Lotus Notes, IBM and HCL Domino
	Google       Profile = "google"
	Apple        Profile = "apple"
	Zimbra       Profile = "zimbra"
	Sabre        Profile = "sabre"       // SOGo, Nextcloud, ownCloud, Baïkal
	OutlookMac   Profile = "outlook-mac" // Outlook for Mac, Entourage
)

// Profiles returns all of them, Standard first.
func Profiles() []Profile {
	return []Profile{Standard, Exchange2003, Exchange2007, Exchange, Domino, Google, Apple, Zimbra, Sabre, OutlookMac}
}

// microsoft are the profiles that know Windows zone names.
func microsoft() []Profile { return []Profile{Exchange2003, Exchange2007, Exchange} }

// Microsoft reports whether the receiver is Exchange.
func (p Profile) Microsoft() bool { return slices.Contains(microsoft(), p) }

// Includes reports whether the remedy is used for a receiver of profile p, assuming
// that the administrator has enabled it if it is opt-in.
func (r *Remedy) Includes(p Profile) bool {
	if r.Never || slices.Contains(r.Except, p) {
		return false
	}
	return slices.Contains(r.Profiles, Standard) || slices.Contains(r.Profiles, p)
}

// Status returns how a remedy is listed: "standard", "profile", "opt-in" or
// "diagnosis".
func (r *Remedy) Status() string {
	switch {
	case r.Never:
		return "diagnosis"
	case r.OptIn:
		return "opt-in"
	case slices.Contains(r.Profiles, Standard):
		return "standard"
	default:
		return "profile"
	}
}
