package remedy

import (
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// maxExpanded bounds how many occurrences of a rule are looked at.
const maxExpanded = 2000

// expand returns the starts of a rule from its own on to last, on the clock of
// the start, whatever UNTIL says. ok is false for rules that cannot be read or
// have too many of them.
func expand(rule string, start ical.DateTime, last time.Time) (starts []time.Time, ok bool) {
	defer func() {
		// rrule-go indexes past the end for some rules: the border of a library
		if recover() != nil {
			starts, ok = nil, false
		}
	}()
	switch rulePart(rule, "FREQ") {
	case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
	default:
		return nil, false
	}
	opt, err := rrule.StrToROptionInLocation(strings.ToUpper(replaceParts(rule, map[string]string{"UNTIL": ""})), time.UTC)
	if err != nil {
		return nil, false
	}
	opt.Dtstart, opt.Until = start.Wall, last
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, false
	}
	for next := r.Iterator(); ; {
		t, more := next()
		if !more || t.After(last) {
			return starts, true
		}
		if len(starts) == maxExpanded {
			return nil, false
		}
		starts = append(starts, t)
	}
}
