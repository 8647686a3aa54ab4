// Package zone parses and writes time zones: the rules of a VTIMEZONE, the names
// that Exchange, Windows, CDO and Lotus Notes use, and the data of IANA.
//
// It is called in this order: NewSet parses the VTIMEZONEs of a calendar;
// Set.Instant converts a date-time property to an instant, by the message's own
// VTIMEZONE, else by the zone that the name means; Classify returns the kind of name
// of a TZID, Candidates and Match the IANA zones that a name or a set of rules can
// mean, Sibling the zone that a Windows name means in another territory; Agree
// reports whether a zone is correct for the dates in question; Generate writes a
// VTIMEZONE in the RRULE form that Exchange understands.
//
// It never guesses from an offset alone, never uses the zone of the machine, and
// never maps a name whose rules contradict the VTIMEZONE in the same message. Zone
// data is embedded; a newer copy on the machine is preferred, as in package time.
// The cost of a VTIMEZONE is bounded: rules per zone, zones per calendar, onsets per
// year, years.
package zone
