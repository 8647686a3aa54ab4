package notice

import "time"

// Kind is the purpose of a message.
type Kind uint8

const (
	Other Kind = iota
	Invitation
	Update
	Cancellation
	Accepted // these three are answers to an invitation
	Tentative
	Declined
	Counter // a proposal for another time
)

// Facts is the content of a notice. Empty fields are omitted.
type Facts struct {
	Kind     Kind
	OneDate  bool  // it is about one occurrence of a series
	Affected *Time // which one, if it is not the one of When
	Summary  string
	When     []Time // the same time, in each zone that is shown
	Dates    []Time // of a series: its first occurrences
	More     bool   // there are further ones
	Where    string
	Host     Person // the organizer
	Sender   Person // who answers, if it is not the organizer
	File     string // the name under which the calendar is attached
	Original string // the text of the message, if no other part shows it
}

// Person is somebody with a name, an address, or both.
type Person struct{ Name, Address string }

func (p Person) String() string {
	switch {
	case p.Name == "" || p.Name == p.Address:
		return p.Address
	case p.Address == "":
		return p.Name
	}
	return p.Name + " <" + p.Address + ">"
}

// Time is a period on the clock of one zone.
type Time struct {
	Start, End time.Time // wall-clock time; End is zero when it is not known
	Days       bool      // whole days; End is the last of them
	Zone       string    // its name, "" for local time in an unknown zone
	Offset     string    // "UTC+01:00", "" when the name of the zone has it
}
