package zone

import (
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zone data travels with the program
)

//go:generate go run ./gen gen tables.go

// locations holds the zone data that was read once: immutable, keyed by IANA
// name, and so bounded by the number of names in ianaNames.
var locations sync.Map

// Load returns the rules of the IANA zone of exactly that name, in any case;
// nil for any other name. "Local" and "" are no names.
func Load(name string) Rules {
	if z := load(name); z != nil {
		return z
	}
	return nil
}

func load(name string) *iana {
	exact, ok := ianaNames.fold(name)
	if !ok {
		return nil
	}
	if z, ok := locations.Load(exact); ok {
		return z.(*iana)
	}
	loc, err := time.LoadLocation(exact)
	if err != nil {
		return nil
	}
	z, _ := locations.LoadOrStore(exact, &iana{name: exact, loc: loc})
	return z.(*iana)
}

// iana are the rules of a zone of the tz database.
type iana struct {
	name string
	loc  *time.Location
}

func (z *iana) Wall(instant time.Time) time.Time {
	_, off := instant.In(z.loc).Zone()
	return digits(instant.Unix() + int64(off))
}

func (z *iana) OffsetAt(wall time.Time) time.Duration {
	return time.Duration(z.offsetAt(wall.Unix())) * time.Second
}

// farthest is more than any offset from UTC.
const farthest = 26 * 3600

func (z *iana) offsetAt(wall int64) int {
	at := time.Unix(wall, 0).In(z.loc)
	_, off := at.Zone()
	start, end := at.ZoneBounds()
	if (start.IsZero() || start.Unix() <= wall-farthest) && (end.IsZero() || end.Unix() > wall+farthest) {
		return off
	}
	for at = time.Unix(wall+farthest, 0).In(z.loc); ; at = start.Add(-time.Second) {
		_, off = at.Zone()
		if start, _ = at.ZoneBounds(); start.IsZero() {
			return off
		}
		_, before := start.Add(-time.Second).Zone()
		if start.Unix()+int64(max(off, before)) <= wall {
			return off
		}
	}
}

func (z *iana) offset(instant int64) int {
	_, off := time.Unix(instant, 0).In(z.loc).Zone()
	return off
}

func (z *iana) changes(from, to int64) []change {
	var out []change
	at := time.Unix(from, 0).In(z.loc)
	_, before := at.Zone()
	for len(out) < maxChanges {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.Unix() > to {
			break
		}
		if !end.After(at) {
			// package time ends what it extrapolates at the turn of the year,
			// and can return that very moment as its end
			end = at.Add(time.Hour)
		}
		_, after := end.Zone()
		if after != before {
			out = append(out, change{at: end.Unix(), from: before, to: after})
		}
		at, before = end, after
	}
	return out
}

// table is a list of pairs sorted by key.
type table [][2]string

// get returns the value of a key.
func (t table) get(key string) (string, bool) {
	lo, hi := 0, len(t)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t[mid][0] < key {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(t) && t[lo][0] == key {
		return t[lo][1], true
	}
	return "", false
}

// fold is get for a table with keys in lower case.
func (t table) fold(key string) (string, bool) { return t.get(strings.ToLower(key)) }
