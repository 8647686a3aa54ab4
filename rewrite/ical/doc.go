// Package ical reads and edits iCalendar text (RFC 5545) without losing an
// octet of it.
//
// It is called in this order: [Parse] splits the text into content lines and
// builds a tree of components; the caller edits lines and components;
// [Document.Bytes] writes the text again. A line that nobody edited is written
// exactly as it was read: its folds, its line end and its faults included.
// Only an edited or a new line is written in canonical form (CRLF, folded at
// 75 octets on character borders, RFC 5545 §3.1).
//
// The package never resolves time zones, never expands recurrences and never
// decides whether something is wrong enough to be changed: it only says what
// it saw ([Fault]). It never panics on input and never recurses over it; the
// size of what it accepts is bounded by [Limits].
package ical
