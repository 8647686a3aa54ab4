package zone

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Limits of one VTIMEZONE. The whole history of the liveliest zone has about
// 250 changes and 30 rules.
const (
	maxObservances = 400
	maxDates       = 1000 // RDATEs of all observances
	maxRules       = 40   // RRULEs of all observances
)

// firstYear and lastYear are the years that a VTIMEZONE is evaluated for.
// Beyond them the offset at that end holds; so a calendar with dates in all
// thousands of years costs no more than a sane one.
const (
	firstYear = 1900
	lastYear  = 2199
)

// vtimezone are the rules that a VTIMEZONE states. It is a fixed list of
// changes and some yearly rules; what the rules make of a year is computed
// once. It is not safe for concurrent use.
type vtimezone struct {
	initial int // the offset before the first change, seconds
	fixed   []change
	rules   []observanceRule
	years   []computed // by year
	asked   agreement  // see agree
	agreed  bool       // the answer
}

// computed is what is known of a year: its changes, and the last one before.
type computed struct {
	year    int
	changes []change
	before  *change // nil for none
	asked   bool    // before has been looked for
}

type observanceRule struct {
	*yearly
	from, to int
	end      int // the last year that has onsets, from UNTIL or COUNT
}

// Evaluate parses the observances of a VTIMEZONE (RFC 5545 §3.6.5). It fails when
// the offsets are not known for certain: without TZOFFSETTO, and for rules that no
// time zone has.
//
// QUIRK(outlook-mac): tz-offsetfrom-missing. For an observance without TZOFFSETFROM
// the offset of the only other kind of observance is used, else its own.
func Evaluate(c *ical.Component) (Rules, error) {
	z := &vtimezone{}
	n := 0
	for _, it := range c.Items {
		if it.Sub == nil || it.Sub.Name != "STANDARD" && it.Sub.Name != "DAYLIGHT" {
			continue
		}
		if n++; n > maxObservances {
			return nil, fmt.Errorf("more than %d observances", maxObservances)
		}
		if err := z.add(c, it.Sub); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.ToLower(it.Sub.Name), err)
		}
	}
	if n == 0 {
		return nil, errors.New("a time zone without STANDARD and DAYLIGHT")
	}
	sort.SliceStable(z.fixed, func(i, j int) bool { return z.fixed[i].at < z.fixed[j].at })
	z.initial = z.first().from
	return z, nil
}

func (z *vtimezone) add(zone, o *ical.Component) error {
	to, err := parseOffset(o.Value("TZOFFSETTO"))
	if err != nil {
		return fmt.Errorf("TZOFFSETTO: %w", err)
	}
	from := offsetBefore(zone, o, to)
	if v := o.Value("TZOFFSETFROM"); v != "" {
		if from, err = parseOffset(v); err != nil {
			return fmt.Errorf("TZOFFSETFROM: %w", err)
		}
	}
	start, ok := ical.ParseDateTime(strings.TrimSpace(o.Value("DTSTART")))
	if !ok {
		return errors.New("DTSTART is missing or unreadable")
	}
	if start.Form == ical.UTC {
		start.Wall = start.Wall.Add(time.Duration(from) * time.Second)
	}
	if err := z.addDates(o, from, to); err != nil {
		return err
	}
	rule := strings.TrimSpace(o.Value("RRULE"))
	if rule == "" {
		z.fixed = append(z.fixed, change{at: start.Wall.Unix() - int64(from), from: from, to: to})
		return nil
	}
	y, err := parseYearly(rule, start.Wall, from)
	if err != nil {
		return err
	}
	if len(z.rules) >= maxRules {
		return fmt.Errorf("more than %d recurrence rules", maxRules)
	}
	z.rules = append(z.rules, observanceRule{yearly: y, from: from, to: to, end: y.end()})
	return nil
}

func (z *vtimezone) addDates(o *ical.Component, from, to int) error {
	for _, l := range o.Lines("RDATE") {
		for _, v := range strings.Split(l.Value(), ",") {
			v, _, _ = strings.Cut(v, "/")
			d, ok := ical.ParseDateTime(strings.TrimSpace(v))
			if !ok {
				return fmt.Errorf("RDATE %q is no date", v)
			}
			at := d.Wall.Unix()
			if d.Form != ical.UTC {
				at -= int64(from)
			}
			if len(z.fixed) >= maxDates {
				return fmt.Errorf("more than %d onsets", maxDates)
			}
			z.fixed = append(z.fixed, change{at: at, from: from, to: to})
		}
	}
	return nil
}

// end returns the last year in which the rule can have onsets.
func (r *yearly) end() int {
	end := 9999
	if r.hasUntil {
		end = time.Unix(r.until, 0).UTC().Year() + 1
	}
	if r.count > 0 {
		n := 0
		for y := r.start.Year(); y < min(end, r.start.Year()+r.interval*(r.count+8)); y++ {
			if n += len(r.onsets(y)); n >= r.count {
				return y
			}
		}
	}
	return end
}

// first returns the earliest change of all.
func (z *vtimezone) first() change {
	var first change
	found := false
	consider := func(c change) {
		if !found || c.at < first.at {
			first, found = c, true
		}
	}
	if len(z.fixed) > 0 {
		consider(z.fixed[0])
	}
	for _, r := range z.rules {
		for y := r.start.Year(); y <= min(r.end, r.start.Year()+sparse*r.interval); y++ {
			if on := r.onsets(y); len(on) > 0 {
				consider(change{at: on[0] - int64(r.from), from: r.from, to: r.to})
				break
			}
		}
	}
	return first
}

// sparse is the longest time in years that a yearly rule can be without an
// onset ("-1SU in 29 February" comes every 28 years, or 40 over a year 2100).
const sparse = 40

// year returns the changes of a year of wall-clock time, sorted by instant.
func (z *vtimezone) year(year int) []change {
	if year < firstYear-1 || year > lastYear+1 {
		return nil
	}
	return z.computed(year).changes
}

// computed returns what is known of a year, for as long as no other is asked
// for.
func (z *vtimezone) computed(year int) *computed {
	i, ok := slices.BinarySearchFunc(z.years, year, func(c computed, year int) int { return c.year - year })
	if !ok {
		if z.years == nil {
			z.years = make([]computed, 0, 4) // a moment needs three years
		}
		z.years = slices.Insert(z.years, i, computed{year: year, changes: z.changesOf(year)})
	}
	return &z.years[i]
}

func (z *vtimezone) changesOf(year int) []change {
	var out []change
	begin := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	end := time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	for i := sort.Search(len(z.fixed), func(i int) bool { return z.fixed[i].at >= begin }); i < len(z.fixed) && z.fixed[i].at < end; i++ {
		out = append(out, z.fixed[i])
	}
	out = slices.Grow(out, len(z.rules)) // each has one as a rule
	for _, r := range z.rules {
		out = r.in(year, out)
	}
	slices.SortStableFunc(out, func(a, b change) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	return out
}

// in appends the changes that the rule makes in a year.
func (r observanceRule) in(year int, out []change) []change {
	if year > r.end || year < r.start.Year() {
		return out
	}
	on := r.onsets(year)
	if r.count > 0 && year == r.end {
		on = on[:min(len(on), r.left(year))]
	}
	for _, w := range on {
		at := w - int64(r.from)
		if r.hasUntil && at > r.until {
			break
		}
		out = append(out, change{at: at, from: r.from, to: r.to})
	}
	return out
}

// left returns how many onsets of COUNT fall into the last year.
func (r observanceRule) left(year int) int {
	n := r.count
	for y := r.start.Year(); y < year; y++ {
		n -= len(r.onsets(y))
	}
	return max(n, 0)
}

// last returns the change that is in force at a moment: the last one for
// which due says that it has taken place. moment is near it, in Unix seconds.
func (z *vtimezone) last(moment int64, due func(change) bool) (change, bool) {
	year := min(max(time.Unix(moment, 0).UTC().Year(), firstYear), lastYear)
	for y := year + 1; y >= year-1; y-- {
		list := z.year(y)
		for i := len(list) - 1; i >= 0; i-- {
			if due(list[i]) {
				return list[i], true
			}
		}
	}
	e := z.computed(year - 1)
	if !e.asked {
		e.asked = true
		if c, ok := z.before(year - 1); ok {
			e.before = &c
		}
	}
	if e.before == nil || !due(*e.before) {
		return change{}, false
	}
	return *e.before, true
}

// before returns the last change before a year.
func (z *vtimezone) before(year int) (best change, found bool) {
	limit := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	if i := sort.Search(len(z.fixed), func(i int) bool { return z.fixed[i].at >= limit }); i > 0 {
		best, found = z.fixed[i-1], true
	}
	for _, r := range z.rules {
		y := min(year-1, r.end)
		for stop := max(y-sparse*r.interval, r.start.Year()); y >= stop; y-- {
			if list := r.in(y, nil); len(list) > 0 {
				if c := list[len(list)-1]; !found || c.at >= best.at {
					best, found = c, true
				}
				break
			}
		}
	}
	return best, found
}

func (z *vtimezone) OffsetAt(wall time.Time) time.Duration {
	w := wall.Unix()
	c, ok := z.last(w, func(c change) bool { return c.at+int64(max(c.from, c.to)) <= w })
	return time.Duration(z.after(c, ok)) * time.Second
}

func (z *vtimezone) Wall(instant time.Time) time.Time {
	t := instant.Unix()
	return digits(t + int64(z.offset(t)))
}

func (z *vtimezone) offset(t int64) int {
	return z.after(z.last(t, func(c change) bool { return c.at <= t }))
}

func (z *vtimezone) after(c change, ok bool) int {
	if !ok {
		return z.initial
	}
	return c.to
}

func (z *vtimezone) changes(from, to int64) []change {
	var out []change
	first := time.Unix(from, 0).UTC().Year() - 1
	last := min(time.Unix(to, 0).UTC().Year()+1, first+maxYears)
	for y := first; y <= last; y++ {
		for _, c := range z.year(y) {
			if c.at > from && c.at <= to && len(out) < maxChanges {
				out = append(out, c)
			}
		}
	}
	return out
}
