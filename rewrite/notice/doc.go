// Package notice writes what a person needs to know of a meeting whose
// calendar the receiving system refuses: what happened, what to do by hand,
// when, where, and whom to ask.
//
// The order of calls: [Detect] chooses the language, [Facts.Text] writes the
// text. The languages are English, German, French, Spanish and Dutch; a
// meeting in none of them is described in English. Dates are written as people in the
// language write them, with their own names of days and months.
//
// It never reads a calendar, never decides what is attached, and knows nothing
// of mail: its text is plain, in UTF-8, with LF line ends.
package notice
