package rewrite

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// occurrences is when a component takes place, as instants, as far as the
// guard looks (maxOccurrences, maxYears).
type occurrences struct {
	at       []time.Time // in order, each once
	complete bool        // there are no further ones
}

func (o occurrences) equal(other occurrences) bool {
	return o.complete == other.complete && slices.EqualFunc(o.at, other.at, time.Time.Equal)
}

// occurrences expands rules and dates and takes out what EXDATE cuts. ok is
// false when an instant is not known, or a rule cannot be expanded.
func (f facets) occurrences() (o occurrences, ok bool) {
	start := f.moment("DTSTART")
	s := f.series(true)
	if s.rule != "" || !start.known {
		return o, false
	}
	o.complete = true
	for _, l := range f.comp.Lines("RRULE") {
		o.complete = o.complete && f.ends(l.Value(), start)
	}
	for _, m := range append(s.times, start) {
		if !m.known {
			return o, false
		}
		o.at = append(o.at, m.instant)
	}
	cut := map[int64]bool{}
	for _, m := range s.cut {
		if !m.known {
			return o, false
		}
		cut[m.instant.Unix()] = true
	}
	o.at = slices.DeleteFunc(o.at, func(t time.Time) bool { return cut[t.Unix()] })
	slices.SortFunc(o.at, time.Time.Compare)
	o.at = slices.CompactFunc(o.at, time.Time.Equal)
	return o, true
}

// ends says whether expand sees all of a rule.
func (f facets) ends(rule string, start moment) bool {
	rule = plainRule(rule)
	times, ok := f.expand(rule, f.comp.First("DTSTART"))
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
			return ok && d.Wall.Before(start.wall.AddDate(maxYears, 0, -1))
		}
	}
	return false
}
