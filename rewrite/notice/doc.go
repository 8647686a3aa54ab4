// Package notice writes a text for a person about a meeting whose calendar the
// receiving system refuses: what happened, what to do by hand, when, where, and whom
// to ask.
//
// The order of calls: Detect chooses the language, Facts.Text writes the text. The
// languages are English, German, French, Spanish and Dutch; a meeting in any other
// language is described in English. Dates are written in the usual form of the
// language, with its own names of days and months.
//
// It never reads a calendar, never decides what is attached, and does not know the
// message: its text is plain, in UTF-8, with LF line ends.
package notice
