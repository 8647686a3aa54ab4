package main

import (
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Names that have been taken for one another: what decides is the set and the
// type, too.
func TestPropName(t *testing.T) {
	named := func(set tnef.GUID, lid uint32) tnef.Prop { return tnef.Prop{Named: &tnef.Name{Set: set, LID: lid}} }
	for want, p := range map[string]tnef.Prop{
		"PidTagAttachDataBinary":                {ID: 0x3701, Type: tnef.TypeBinary},
		"PidTagAttachDataObject":                {ID: 0x3701, Type: tnef.TypeObject},
		"PidLidSingleInvite":                    named(tnef.SetMeeting, 0x000B),
		"PidLidMonthOfYearMask":                 named(tnef.SetMeeting, 0x0017),
		"PidLidOldRecurrenceType":               named(tnef.SetMeeting, 0x0018),
		"PidLidSingleBodyICal":                  named(tnef.SetAppointment, 0x827B),
		"PidLidAppointmentUnsendableRecipients": named(tnef.SetAppointment, 0x825D),
		"":                                      named(tnef.SetAppointment, 0x824A),
	} {
		if got := propName(&p); got != want {
			t.Errorf("propName(%+v) = %q, want %q", p, got, want)
		}
	}
}
