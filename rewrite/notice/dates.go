package notice

import (
	"fmt"
	"strconv"
	"time"
)

// calendarWords are the names that dates are written with, and how.
type calendarWords struct {
	days   [7]string // from Sunday
	months [12]string
	date   func(c *calendarWords, t time.Time) string
	clock  func(t time.Time) string
	hours  string // "%s" for the start, "%s" for the end
	at     string // "%s" for the start alone
	span   string // from one date (and hour) to another
	allDay string // appended to a date
	join   string // between a date and the hours
}

func (c *calendarWords) day(t time.Time) string { return c.date(c, t) }

var english = calendarWords{
	days: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"},
	date: func(c *calendarWords, t time.Time) string {
		return fmt.Sprintf("%s, %s %d, %d", c.days[t.Weekday()], c.months[t.Month()-1], t.Day(), t.Year())
	},
	clock: func(t time.Time) string { return t.Format("3:04 PM") },
	hours: "%s to %s", at: "%s", span: "%s to %s", allDay: ", all day", join: ", ",
}

var german = calendarWords{
	days: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
		"September", "Oktober", "November", "Dezember"},
	date: func(c *calendarWords, t time.Time) string {
		return fmt.Sprintf("%s, %d. %s %d", c.days[t.Weekday()], t.Day(), c.months[t.Month()-1], t.Year())
	},
	clock: func(t time.Time) string { return t.Format("15:04") },
	hours: "%s bis %s Uhr", at: "%s Uhr", span: "%s bis %s", allDay: ", ganztägig", join: ", ",
}

var french = calendarWords{
	days: [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
		"septembre", "octobre", "novembre", "décembre"},
	date: func(c *calendarWords, t time.Time) string {
		day := strconv.Itoa(t.Day())
		if day == "1" {
			day = "1er"
		}
		return fmt.Sprintf("%s %s %s %d", c.days[t.Weekday()], day, c.months[t.Month()-1], t.Year())
	},
	clock: func(t time.Time) string { return t.Format("15\u00a0h\u00a004") },
	hours: "de %s à %s", at: "à %s", span: "du %s au %s", allDay: ", toute la journée", join: ", ",
}

var spanish = calendarWords{
	days: [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	months: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
		"septiembre", "octubre", "noviembre", "diciembre"},
	date: func(c *calendarWords, t time.Time) string {
		return fmt.Sprintf("%s, %d de %s de %d", c.days[t.Weekday()], t.Day(), c.months[t.Month()-1], t.Year())
	},
	clock: func(t time.Time) string { return t.Format("15:04") },
	hours: "de %s a %s", at: "a las %s", span: "desde el %s hasta el %s", allDay: ", todo el día", join: ", ",
}

var dutch = calendarWords{
	days: [7]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
	months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
		"september", "oktober", "november", "december"},
	date: func(c *calendarWords, t time.Time) string {
		return fmt.Sprintf("%s %d %s %d", c.days[t.Weekday()], t.Day(), c.months[t.Month()-1], t.Year())
	},
	clock: func(t time.Time) string { return t.Format("15.04") },
	hours: "van %s tot %s uur", at: "om %s uur", span: "van %s tot %s", allDay: ", hele dag", join: ", ",
}

// write gives a time in the words of the language, without its zone.
func (c *calendarWords) write(t Time) string {
	start, end := c.day(t.Start), c.day(t.End)
	switch {
	case t.Days && (t.End.IsZero() || start == end):
		return start + c.allDay
	case t.Days:
		return fmt.Sprintf(c.span, start, end) + c.allDay
	case t.End.IsZero() || t.End.Equal(t.Start):
		return start + c.join + fmt.Sprintf(c.at, c.clock(t.Start))
	case start == end:
		return start + c.join + fmt.Sprintf(c.hours, c.clock(t.Start), c.clock(t.End))
	}
	return fmt.Sprintf(c.span, start+c.join+fmt.Sprintf(c.at, c.clock(t.Start)), end+c.join+fmt.Sprintf(c.at, c.clock(t.End)))
}
