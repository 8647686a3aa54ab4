package zone

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zone data travels with the program
)

//go:generate go run ./gen gen tables.go

// locations holds the zone data that was read once: immutable, keyed by IANA
// name, and so bounded by the number of names in ianaNames.
var locations sync.Map

// Load returns the rules of the IANA zone of exactly that name, in upper or lower
// case, or of a fixed offset as Lookup returns it ("UTC+0530"); nil for any other
// name, "Local" and "" included.
func Load(name string) Rules {
	if z := load(name); z != nil {
		return z
	}
	return nil
}

func load(name string) *iana {
	exact, ok := ianaNames.fold(name)
	if !ok {
		return fixed(name)
	}
	if z, ok := locations.Load(exact); ok {
		return z.(*iana)
	}
	loc, err := time.LoadLocation(exact)
	if err != nil {
		return nil
	}
	z, _ := locations.LoadOrStore(exact, newIANA(exact, loc))
	return z.(*iana)
}

// iana are the rules of a zone of the tz database. Package time works out each
// answer anew from the law that it was given, so those for the years that
// meetings are held in are asked for once.
type iana struct {
	name  string
	loc   *time.Location
	known func() history
}

// history is what is known of the time after knownFrom, up to knownTo.
type history struct {
	before  int // the offset at its begin, seconds
	changes []change
}

// knownFrom and knownTo are the turns of the years 2000 and 2060 in UTC.
const (
	knownFrom = 946684800
	knownTo   = 2840140800
)

func newIANA(name string, loc *time.Location) *iana {
	z := &iana{name: name, loc: loc}
	z.known = sync.OnceValue(func() history {
		return history{z.askedOffset(knownFrom), z.askedChanges(knownFrom, knownTo)}
	})
	return z
}

// until returns how many of the changes have taken place at an instant.
func (h history) until(instant int64) int {
	return sort.Search(len(h.changes), func(i int) bool { return h.changes[i].at > instant })
}

func (z *iana) Wall(instant time.Time) time.Time {
	t := instant.Unix()
	return digits(t + int64(z.offset(t)))
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
	if instant < knownFrom || instant > knownTo {
		return z.askedOffset(instant)
	}
	h := z.known()
	if n := h.until(instant); n > 0 {
		return h.changes[n-1].to
	}
	return h.before
}

func (z *iana) changes(from, to int64) []change {
	if from < knownFrom || to > knownTo || to < from {
		return z.askedChanges(from, to)
	}
	h := z.known()
	return slices.Clip(h.changes[h.until(from):h.until(to)])
}

// askedOffset and askedChanges ask package time.
func (z *iana) askedOffset(instant int64) int {
	_, off := time.Unix(instant, 0).In(z.loc).Zone()
	return off
}

func (z *iana) askedChanges(from, to int64) []change {
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
