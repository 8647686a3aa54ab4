package tnef

import "strings"

// meetingClass is the meaning of a message class in terms of RFC 5546.
type meetingClass struct {
	method   string
	partstat string // of a reply
}

// meetingClasses are the names of MAPI and those of Schedule+, which TNEF
// still writes in attMessageClass ([MS-OXCMAIL] §2.2.3.2.1). A form of one's
// own may follow after a dot.
var meetingClasses = []struct {
	name string
	meetingClass
}{
	{"ipm.schedule.meeting.request", meetingClass{"REQUEST", ""}},
	{"ipm.microsoft schedule.mtgreq", meetingClass{"REQUEST", ""}},
	{"ipm.schedule.meeting.canceled", meetingClass{"CANCEL", ""}},
	{"ipm.microsoft schedule.mtgcncl", meetingClass{"CANCEL", ""}},
	{"ipm.schedule.meeting.resp.pos", meetingClass{"REPLY", "ACCEPTED"}},
	{"ipm.microsoft schedule.mtgrespp", meetingClass{"REPLY", "ACCEPTED"}},
	{"ipm.schedule.meeting.resp.neg", meetingClass{"REPLY", "DECLINED"}},
	{"ipm.microsoft schedule.mtgrespn", meetingClass{"REPLY", "DECLINED"}},
	{"ipm.schedule.meeting.resp.tent", meetingClass{"REPLY", "TENTATIVE"}},
	{"ipm.microsoft schedule.mtgrespa", meetingClass{"REPLY", "TENTATIVE"}},
	{"ipm.appointment", meetingClass{"PUBLISH", ""}},
}

func classOf(name string) (meetingClass, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, c := range meetingClasses {
		if rest, ok := strings.CutPrefix(name, c.name); ok && (rest == "" || rest[0] == '.') {
			return c.meetingClass, true
		}
	}
	return meetingClass{}, false
}

// class gives the class of the message. A response of any kind that proposes
// another time is a COUNTER (RFC 5546 §3.2.7).
func (m *Message) class() (meetingClass, bool) {
	c, ok := classOf(m.Class)
	if c.method == "REPLY" && m.flag(SetAppointment, lidCounterProposal) {
		c.method = "COUNTER"
	}
	return c, ok
}
