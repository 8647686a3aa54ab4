package notice

import "strings"

// Details returns the lines of a notice that identify the meeting: its subject, when,
// where, and whose it is. Each ends in LF. It is for texts that are not about a
// calendar which a receiver refused.
func (f Facts) Details(l Language) string {
	var b strings.Builder
	f.details(&b, l.words())
	return b.String()
}

// Time returns a time in the words of the language, with its zone.
func (l Language) Time(t Time) string { return l.words().time(t) }
