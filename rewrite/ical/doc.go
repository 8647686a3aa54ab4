// Package ical parses and edits iCalendar text (RFC 5545) without losing an octet of
// it.
//
// It is called in this order: Parse splits the text into content lines and builds a
// tree of components; the caller edits lines and components; Document.Bytes writes
// the text again. A line that was not edited is written exactly as it was read,
// including its folds, its line end and its faults. Only an edited or a new line is
// written in canonical form (CRLF, folded at 75 octets between characters, RFC 5545
// §3.1).
//
// The package never resolves time zones, never expands recurrences and never decides
// whether a fault is to be repaired: it only reports it (Fault). It never panics on
// any input and does not recurse over it; Limits bound the size of the input.
package ical
