package guard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Occurrences are the instants at which a component takes place, up to
// maxOccurrences and maxYears.
type Occurrences struct {
	At       []time.Time // in order, each once
	Complete bool        // there are no further ones
}

func (o Occurrences) Equal(other Occurrences) bool {
	return o.Complete == other.Complete && slices.EqualFunc(o.At, other.At, time.Time.Equal)
}

// Occurrences expands rules and dates and removes what EXDATE excludes. ok is false
// when an instant is not known, or a rule cannot be expanded.
func (f View) Occurrences() (o Occurrences, ok bool) {
	start := f.Moment("DTSTART")
	s := f.Series(true)
	if s.Rule != "" || !start.Known {
		return o, false
	}
	o.Complete = true
	for _, l := range f.Component.Lines("RRULE") {
		o.Complete = o.Complete && f.ends(l.Value(), start)
	}
	for _, m := range append(s.Times, start) {
		if !m.Known {
			return o, false
		}
		o.At = append(o.At, m.Instant)
	}
	cut := map[int64]bool{}
	for _, m := range s.Cut {
		if !m.Known {
			return o, false
		}
		cut[m.Instant.Unix()] = true
	}
	o.At = slices.DeleteFunc(o.At, func(t time.Time) bool { return cut[t.Unix()] })
	slices.SortFunc(o.At, time.Time.Compare)
	o.At = slices.CompactFunc(o.At, time.Time.Equal)
	return o, true
}

// ends reports whether expand sees all of a rule.
func (f View) ends(rule string, start Moment) bool {
	rule = plainRule(rule)
	times, ok := f.expand(rule, f.Component.First("DTSTART"))
	if !ok || len(times) >= maxOccurrences {
		return false
	}
	for part := range strings.SplitSeq(rule, ";") {
		switch name, v, _ := strings.Cut(part, "="); name {
		case "COUNT":
			n, err := strconv.Atoi(v)
			return err == nil && n == len(times)
		case "UNTIL":
			d, ok := ical.ParseDateTime(v)
			return ok && d.Wall.Before(start.Wall.AddDate(maxYears, 0, -1))
		}
	}
	return false
}
