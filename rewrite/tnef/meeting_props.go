package tnef

import (
	"strings"
	"time"
)

// Tagged properties of a meeting ([MS-OXPROPS] §2).
const (
	pidTagSensitivity       = 0x0036
	pidTagSubmitTime        = 0x0039
	pidTagSubjectPrefix     = 0x003D
	pidTagStartDate         = 0x0060
	pidTagEndDate           = 0x0061
	pidTagConversationTopic = 0x0070
	pidTagRecipientType     = 0x0C15
	pidTagReplyRequested    = 0x0C17
	pidTagNormalizedSubject = 0x0E1D
	pidTagAddressType       = 0x3002
	pidTagEmailAddress      = 0x3003
	pidTagLastModified      = 0x3008
	pidTagSMTPAddress       = 0x39FE
	pidTagSenderSMTP        = 0x5D01
	pidTagSentSMTP          = 0x5D02
	pidTagReceivedSMTP      = 0x5D08
	pidTagRecipientFlags    = 0x5FFD
	pidTagTrackStatus       = 0x5FFF
	pidTagReplaceTime       = 0x7FF9
)

// Named properties of SetAppointment.
const (
	lidSequence        = 0x8201
	lidBusyStatus      = 0x8205
	lidLocation        = 0x8208
	lidStartWhole      = 0x820D
	lidEndWhole        = 0x820E
	lidDuration        = 0x8213
	lidSubType         = 0x8215
	lidRecur           = 0x8216
	lidReplyTime       = 0x8220
	lidRecurring       = 0x8223
	lidIntendedStatus  = 0x8224
	lidReplaceTime     = 0x8228
	lidZoneStruct      = 0x8233
	lidZoneName        = 0x8234
	lidAllAttendees    = 0x8238
	lidToAttendees     = 0x823B
	lidCcAttendees     = 0x823C
	lidProposedStart   = 0x8250
	lidProposedEnd     = 0x8251
	lidCounterProposal = 0x8257
	lidNotAllowPropose = 0x825A
	lidZoneStart       = 0x825E
	lidZoneEnd         = 0x825F
	lidZoneRecur       = 0x8260
)

// Named properties of SetMeeting.
const (
	lidAttendeeChange = 0x0001
	lidWhere          = 0x0002
	lidGlobalID       = 0x0003
	lidResources      = 0x0008
	lidIsException    = 0x000A
	lidZoneIndex      = 0x000C
	lidStartRecurTime = 0x000E
	lidOwnerChange    = 0x001A
	lidCleanGlobalID  = 0x0023
)

// Named properties of SetCommon.
const (
	lidReminderDelta = 0x8501
	lidReminderSet   = 0x8503
	lidPrivate       = 0x8506
	lidCommonStart   = 0x8516
	lidCommonEnd     = 0x8517
)

func (m *Message) flag(set GUID, lid uint32) bool {
	v, _ := m.Props.Named(set, lid).boolean()
	return v
}

// integer gives an integer, or otherwise when there is none.
func integer(p *Prop, otherwise int64) int64 {
	if v, ok := p.Int(); ok {
		return v
	}
	return otherwise
}

// words gives the first of some texts that is not empty.
func words(props ...*Prop) string {
	for _, p := range props {
		if s, ok := p.Text(); ok {
			if s = strings.TrimSpace(s); s != "" {
				return s
			}
		}
	}
	return ""
}

// moment gives the first of some times that a calendar can have. Outlook
// writes the years 1601 and 4501 for none.
func moment(props ...*Prop) (time.Time, bool) {
	for _, p := range props {
		if t, ok := p.Time(); ok && t.Year() >= 1970 && t.Year() < 4500 {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}
