// Package zone reads and writes time zones: the rules that a VTIMEZONE states, the
// names that Exchange, Windows, CDO and Lotus Notes give them, and IANA's data.
//
// It is called in this order: [NewSet] reads the VTIMEZONEs of a calendar;
// [Set.Instant] turns a date-time property into an instant, by the message's
// own VTIMEZONE first, then by the zone that the name means; [Classify] says
// what sort of name a TZID is, [Candidates] and [Match] which IANA zone a
// name or a set of rules can mean, [Sibling] which zone a Windows name means
// in another territory, and [Agree] whether it is true for the dates in
// question; [Generate] writes a VTIMEZONE in the RRULE form that
// Exchange understands.
//
// It never guesses from an offset alone, never uses the machine's own zone,
// and never maps a name whose rules contradict the VTIMEZONE that came with
// it. Zone data is embedded; a newer copy on the machine is preferred, as
// package time does. What a VTIMEZONE can cost is bounded: rules per zone,
// zones per calendar, onsets per year, years.
package zone
