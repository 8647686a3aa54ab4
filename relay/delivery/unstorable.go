package delivery

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// unstorable returns the finding for which an invitation is not sent but goes back: it is
// a series that the receiving system cannot store, and the administrator wants
// organizers to hear of that ([rewrite] refuse). nil when it is sent, as it always is
// when there is any doubt: about what the message is, whether we may judge it, or
// who receives it.
//
// All recipients of a transaction have the same next hop and so the same
// profile. An update or a cancellation is never held back: what an attendee has
// in the calendar must not be wrong because of what is missing there.
func (m *Message) unstorable(r rewrite.Report, o rewrite.Options, err error) *remedy.Finding {
	wanted := m.Config.Rewrite.Refuse
	if len(wanted) == 0 || err != nil || o.Mode != rewrite.Fix || m.Inbound {
		return nil
	}
	if len(r.Meetings) != 1 || len(r.Skipped) > 0 {
		return nil
	}
	meeting := &r.Meetings[0]
	if !strings.EqualFold(meeting.Method, "REQUEST") || meeting.Update {
		return nil
	}
	for i := range meeting.Findings {
		f := &meeting.Findings[i]
		certain := f.Level != remedy.Info || meeting.Profile != remedy.Standard
		if f.Note != "" && certain && slices.Contains(wanted, f.ID) {
			return f
		}
	}
	return nil
}

// refuseInvitation is the verdict on such an invitation: a refusal of the content
// (RFC 3463 §3.7), whose last line is what an organizer reads in the report of
// non-delivery.
func refuseInvitation(f *remedy.Finding) envelope.Verdict {
	v := envelope.Refuse(554, [3]int{5, 6, 0}, "the invitation was not sent: the receiving system cannot store this series (%s)", f.ID)
	v.Text = append(v.Text, envelope.CleanText([]byte(f.Note)))
	return v
}
