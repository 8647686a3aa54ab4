package remedy

// fromOrganizer reports whether the method is one that the organizer sends
// (RFC 5546 §1.4).
func (c *Object) fromOrganizer() bool {
	switch c.Method() {
	case "PUBLISH", "REQUEST", "ADD", "CANCEL", "DECLINECOUNTER":
		return true
	}
	return false
}

// fromAttendee reports whether the method is one that an attendee sends
// (RFC 5546 §1.4).
func fromAttendee(c *Object) bool {
	switch c.Method() {
	case "REPLY", "REFRESH", "COUNTER":
		return true
	}
	return false
}

// isMethod reports whether a name in upper case is a method of RFC 5546 §1.4.
func isMethod(name string) bool {
	switch name {
	case "PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER":
		return true
	}
	return false
}
