package delivery

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// unstorable returns the finding for which an invitation is refused instead of sent:
// it is a series that the receiving system cannot store, and the administrator wants
// organizers to be notified of that ([rewrite] refuse). It returns nil when the
// invitation is sent, which includes any doubt about the kind of message, about its
// signature, or about the receiver.
//
// All recipients of a transaction have the same next hop and so the same profile. An
// update or a cancellation is never refused: a calendar that already has the meeting
// must not become wrong.
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

// refuseInvitation returns the verdict on such an invitation: a refusal of the
// content (RFC 3463 §3.7), whose last line is what the organizer reads in the
// non-delivery report.
func refuseInvitation(f *remedy.Finding) envelope.Verdict {
	v := envelope.Refuse(554, [3]int{5, 6, 0}, "the invitation was not sent: the receiving system cannot store this series (%s)", f.ID)
	v.Text = append(v.Text, envelope.CleanText([]byte(f.Note)))
	return v
}
