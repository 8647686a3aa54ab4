package remedy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// uidMissing gives an invitation without UID one that is always the same for
// the same message (RFC 5545 §3.8.4.7 requires one). A cancellation or a reply
// gets none: an invented identity matches nothing.
func uidMissing() *Remedy {
	return &Remedy{
		ID:       "uid-missing",
		Summary:  "add a UID to an invitation without one",
		Why:      "Cyrus and grommunio refuse an invitation without a UID, and it loops in the Notes connector of Exchange. Outlook accepts it, but no later message will match it.",
		Source:   "MS-STANOICAL c6e0cd4c; Cyrus lmtp_sieve.c; RFC 5545 §3.8.4.7",
		Profiles: []Profile{Standard},
		Facets:   FacetUID,
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				if strings.TrimSpace(ev.Value("UID")) != "" || ev.Name == "VFREEBUSY" {
					continue
				}
				f := found(Error, ev, "UID", "", "")
				uid, why := inventUID(c, ev)
				if why != "" {
					c.leave(f, why)
					continue
				}
				if f.After = uid; c.Found(f) {
					setOrAdd(ev, "UID", uid)
				}
			}
		},
	}
}

// inventUID makes a UID of what identifies the message, or says why not.
func inventUID(c *Object, ev *ical.Component) (uid, why string) {
	switch {
	case c.Method() != "REQUEST":
		return "", "only an invitation can get a new UID"
	case len(c.schedulable()) > 1 || ev.Has("RECURRENCE-ID"):
		return "", "it is not known which meeting it belongs to"
	case !ev.Has("DTSTART") || !ev.Has("ORGANIZER"):
		return "", "it has no DTSTART or no ORGANIZER"
	}
	h := sha256.New()
	for _, s := range []string{ev.Value("DTSTART"), strings.ToLower(ev.Value("ORGANIZER")), c.Mail.MessageID, ev.Value("SUMMARY"), ev.Value("DTSTAMP")} {
		h.Write([]byte(strings.TrimSpace(s) + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)[:20]), ""
}
