package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// person writes an ATTENDEE as iCalendar has it: the owner or organizer of
// vCalendar is the ORGANIZER, STATUS is PARTSTAT, EXPECT is ROLE. One without a
// mail address cannot be told to anybody.
func (v *vcal) person(p *vcalPlan, l vcalLine) {
	v.known(l, "ROLE", "STATUS", "RSVP", "EXPECT", "TYPE", "CN", "VALUE")
	a, ok := readLooseAddress(l.value)
	if !ok || l.param("TYPE") != "" || l.param("VALUE") != "" {
		v.not("ATTENDEE:" + clip(l.value) + " has no readable mail address")
		return
	}
	cn := l.param("CN")
	for _, q := range a.params {
		if q.name != "CN" {
			v.not("ATTENDEE:" + clip(l.value) + " has parameters inside its value")
		}
		cn = q.value
	}
	said, known := vcalAnswer(l.param("STATUS"))
	role, expected := vcalRole(l.param("EXPECT"))
	if !known || !expected {
		v.not("ATTENDEE has a STATUS or EXPECT that is not defined in vCalendar")
	}
	switch l.param("ROLE") {
	case "OWNER", "ORGANIZER":
		for _, it := range p.items {
			if it.Prop != nil && it.Prop.Name() == "ORGANIZER" {
				v.not("it has an owner and an organizer, or two of them")
			}
		}
		organizer := l.inLanguage(ical.NewLine("ORGANIZER", a.uri))
		setParam(organizer, "CN", cn)
		p.add(organizer)
		if said == "" || said == "NEEDS-ACTION" {
			return
		}
	case "", "ATTENDEE":
	default:
		v.not("ATTENDEE with ROLE=" + clip(l.param("ROLE")) + " has no exact form in iCalendar")
	}
	at := l.inLanguage(ical.NewLine("ATTENDEE", a.uri))
	setParam(at, "CN", cn)
	setParam(at, "ROLE", role)
	setParam(at, "PARTSTAT", said)
	switch l.param("RSVP") {
	case "YES", "TRUE":
		setParam(at, "RSVP", "TRUE")
	case "NO", "FALSE":
		setParam(at, "RSVP", "FALSE")
	case "":
	default:
		v.not("ATTENDEE has an RSVP that is neither YES nor NO")
	}
	p.add(at)
}

func setParam(l *ical.Line, name, value string) {
	if value != "" {
		l.SetParam(name, value)
	}
}

// vcalAnswer is the PARTSTAT of a STATUS of vCalendar.
func vcalAnswer(status string) (partstat string, ok bool) {
	switch status = strings.ReplaceAll(status, "-", " "); status {
	case "":
		return "", true
	case "NEEDS ACTION", "SENT":
		return "NEEDS-ACTION", true
	case "ACCEPTED", "CONFIRMED":
		return "ACCEPTED", true
	case "TENTATIVE", "DECLINED", "DELEGATED":
		return status, true
	}
	return "", false // COMPLETED is of tasks only
}

// vcalRole is the ROLE of an EXPECT of vCalendar, "" for the default.
func vcalRole(expect string) (role string, ok bool) {
	switch expect {
	case "FYI":
		return "NON-PARTICIPANT", true
	case "REQUIRE":
		return "REQ-PARTICIPANT", true
	case "", "REQUEST", "IMMEDIATE":
		return "", true
	}
	return "", false
}
