package notice

import "time"

// Kind is what a message does.
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

// Facts is what a notice says. A field that is empty is left out.
type Facts struct {
	Kind     Kind
	OneDate  bool  // it is about one occurrence of a series
	Affected *Time // which one, when it is not the one that When names
	Summary  string
	When     []Time // the same time, in each zone that is shown
	Dates    []Time // of a series: its first occurrences
	More     bool   // there are further ones
	Where    string
	Host     Person // who organizes
	Sender   Person // who answers, when it is not the host
	File     string // the name under which the calendar is attached
	Original string // the text of the message, where nothing else shows it
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

// Time is from when to when, on the clock of one zone.
type Time struct {
	Start, End time.Time // wall-clock time; End is zero when it is not known
	Days       bool      // whole days; End is the last of them
	Zone       string    // its name, "" for local time of nobody knows where
	Offset     string    // "UTC+01:00", "" when the zone's name says it
}
