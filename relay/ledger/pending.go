package ledger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// A look-up finds a message that had its reply before, although the database stores it a
// moment later: what waits for that is looked through in memory. A message that is stored
// in the meantime is found twice, which changes no repair.

// pending returns the records about a meeting that wait to be stored, the oldest first.
func (l *Ledger) pending(uid string) (list []*Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.queue {
		if w.record != nil && w.record.about(uid) {
			list = append(list, w.record)
		}
	}
	return list
}

// about reports whether a record has a component of a meeting.
func (r *Record) about(uid string) bool {
	return slices.ContainsFunc(r.Components, func(c Component) bool { return c.UID == uid })
}

// known is what the ledger has of a meeting for one message.
type known struct {
	uid       string
	inbound   bool
	attendees []string // whose deliveries count, as they may be stored; nil: all
	revisions []remedy.Revision
	kept      keptInvitation
}

// keptInvitation is a calendar that is kept, and what decides whether it is the one that a
// repair needs: that of the series takes precedence, and then the newest.
type keptInvitation struct {
	occurrence, stamp string
	number            int
	text              []byte // nil: there is none
}

// before reports whether another one takes precedence. Of two equal ones the later does.
func (k *keptInvitation) before(other *keptInvitation) bool {
	return k.text == nil || cmp.Or(-strings.Compare(k.occurrence, other.occurrence), cmp.Compare(k.number, other.number), strings.Compare(k.stamp, other.stamp)) <= 0
}

// add adds what a record has that is not stored yet, as past finds it in the database.
func (k *known) add(r *Record) {
	counts := r.Inbound == k.inbound && slices.ContainsFunc(r.Deliveries, func(d Delivery) bool {
		return d.Verdict == "delivered" && d.Bounced.IsZero() && (k.attendees == nil || slices.Contains(k.attendees, d.Attendee))
	})
	for i := range r.Components {
		c := &r.Components[i]
		if c.UID != k.uid {
			continue
		}
		if c.Kept != "" && r.anyDelivered() {
			if n := (keptInvitation{c.Occurrence, c.Stamp, c.number(), []byte(c.Kept)}); k.kept.before(&n) {
				k.kept = n
			}
		}
		switch c.MethodSent {
		case "REQUEST", "CANCEL", "ADD", "PUBLISH":
			if counts {
				k.revisions = append(k.revisions, remedy.Revision{MessageID: r.MessageID, Occurrence: c.Occurrence, Method: c.MethodSent, Number: c.number(), SeqSent: c.SeqSent, Stamp: c.Stamp, StampSent: c.StampSent})
			}
		}
	}
}
