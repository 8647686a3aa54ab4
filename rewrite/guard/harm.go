package guard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// harms returns the facets that a strict program sees and a person does not: the
// meeting is the same, but some program refuses it or reads it differently. People
// do see that an attendee is missing, but a remedy that repairs addresses has to
// declare FacetAttendees, and must not drop anybody.
func harms(a, b View, changed changes) (diff remedy.Facet) {
	if slices.ContainsFunc(exceptionTimes[:], changed.has) && partsZones(a, b) {
		diff |= remedy.FacetOneZone
	}
	if (changed.has("ATTENDEE") || changed.has("ORGANIZER")) && everybody(a.Component) > everybody(b.Component) {
		diff |= remedy.FacetEverybody
	}
	if changed.has("EXDATE") && shortensExdate(a, b) {
		diff |= remedy.FacetFirstExdate
	}
	return diff
}

// exceptionTimes are the times that an importer reads together: it takes the zone
// of one of them for all.
var exceptionTimes = [...]string{"RECURRENCE-ID", "DTSTART", "DTEND", "DUE"}

// partsZones reports whether two times of an exception that were written in one
// zone are written in two.
//
// QUIRK(domino): rid-domino-utc. Domino wants RECURRENCE-ID in UTC.
func partsZones(a, b View) bool {
	if !a.Component.Has("RECURRENCE-ID") || b.Object.Profile == remedy.Domino {
		return false
	}
	for i, name := range exceptionTimes {
		for _, other := range exceptionTimes[:i] {
			was, is := a.clockName(name), b.clockName(name)
			if was != "" && is != "" && was == a.clockName(other) && b.clockName(other) != "" && is != b.clockName(other) {
				return true
			}
		}
	}
	return false
}

// clockName names what a time is written in, "" where it is no time.
func (f View) clockName(property string) string {
	l := f.Component.First(property)
	if l == nil {
		return ""
	}
	d, ok := ical.ParseDateTime(strings.TrimSpace(l.Value()))
	switch {
	case !ok || d.Form == ical.Date:
		return ""
	case d.Form == ical.UTC:
		return "UTC"
	}
	return "local " + zone.Normalize(l.ParamValue("TZID"))
}

// shortensExdate reports whether a date of the first EXDATE is in a later one now:
// an importer that reads no more than one line shows that occurrence.
func shortensExdate(a, b View) bool {
	was, now := a.Component.First("EXDATE"), b.Component.First("EXDATE")
	if was == nil || now == nil {
		return false
	}
	first, all := b.cuts(now), map[string]bool{}
	for _, l := range b.Component.Lines("EXDATE") {
		for key := range b.cuts(l) {
			all[key] = true
		}
	}
	for key := range a.cuts(was) {
		if all[key] && !first[key] {
			return true
		}
	}
	return false
}

// cuts returns the instants that an EXDATE names; where they are not known, the
// values as written.
func (f View) cuts(l *ical.Line) map[string]bool {
	keys := map[string]bool{}
	for _, m := range f.list(l, "") {
		switch {
		case m.Known:
			keys[strconv.FormatInt(m.Instant.Unix(), 10)] = true
		case m.Raw != "":
			keys[m.Raw] = true
		default:
			keys[m.Wall.String()] = true
		}
	}
	return keys
}

// spoilsName reports whether more VTIMEZONEs than before have a TZID that is not
// TEXT (RFC 5545 §3.3.11): a program that decodes it as TEXT does not find the zone.
func spoilsName(before, after *ical.Component) bool {
	return after != nil && oddNames(after) > oddNames(before)
}

func oddNames(cal *ical.Component) (n int) {
	if cal == nil {
		return 0
	}
	for _, z := range cal.Children("VTIMEZONE") {
		if !isText(z.Value("TZID")) {
			n++
		}
	}
	return n
}

// isText reports whether commas, semicolons and backslashes are escaped.
func isText(v string) bool {
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case ',', ';':
			return false
		case '\\':
			if i++; i == len(v) || strings.IndexByte(`\;,nN`, v[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// everybody counts those whom a component names, each once however the address is
// written. A bare word, which may be the name of somebody who is named by his
// PlainAddress too, does not count.
func everybody(comp *ical.Component) int {
	seen := map[string]bool{}
	for _, it := range comp.Items {
		l := it.Prop
		if l == nil || l.Name() != "ATTENDEE" && l.Name() != "ORGANIZER" {
			continue
		}
		if who := mailboxIn(PlainAddress(l.Value())); who != "" {
			seen[who] = true
		}
	}
	return len(seen)
}

// mailboxIn is the mail address inside of a value, else the URI; "" for neither.
func mailboxIn(v string) string {
	const around = " \t<>\"'()[]:;,=/\\?&"
	at := strings.LastIndexByte(v, '@')
	if at < 0 {
		scheme, rest, ok := strings.Cut(strings.TrimSpace(v), ":")
		if !ok || scheme == "" || rest == "" {
			return ""
		}
		return strings.TrimSpace(v)
	}
	from := strings.LastIndexAny(v[:at], around) + 1
	to := strings.IndexAny(v[at:], around)
	if to < 0 {
		to = len(v) - at
	}
	return v[from : at+to]
}
