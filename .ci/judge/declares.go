package main

import (
	"slices"
	"strings"
)

// declares are the findings that may change what a reader reads, by what it
// reads: a name ends in "*" when it is a prefix. They are this check's own, not
// the facets of package remedy: a repair that changes more than a person would
// expect of its name is not in the row.
func declares() map[string][]string {
	zones := []string{ // what a zone is, or which one a time has; not how its name is quoted
		"tz-empty", "tz-half", "tz-swapped", "tz-absurd", "tz-expired-daylight", "tz-huge", "tz-customized", "tz-duplicate", "tz-undeclared", "tz-behind",
		"tz-offset*", "tz-identical-pair", "tz-rdate-*", "tz-rrule-no-byday", "tz-many-observances", "tz-israel-byday",
		"tz-windows-*", "tz-cdo-name", "tz-prefix", "tz-lotus-*", "tz-utc-display", "tz-mojibake", "tz-param-colon", "tz-xprop-tzid", "tz-escape-mismatch",
		"tz-control-char", "tz-nul-padding", "tz-newline", "offset-form", "dt-tzid-property", "dt-zulu-and-tzid", "dt-floating", "reply-no-vtimezone", "cancel-no-vtimezone",
	}
	values := []string{"datetime-form", "date-no-value", "date-with-z", "param-blank", "param-bare", "param-behind-colon"}
	times := slices.Concat(zones, values)
	series := []string{"rrule-*", "rdate-*", "exdate-*", "rid-*", "zulu-like-start", "exception-rrule", "exception-cancelled", "null-exception"}
	lines := []string{"blank-lines", "broken-line", "colon-on-next-line", "colon-missing", "fold-value", "base64-lines"} // hid a property
	texts := []string{"charset-missing", "charset-wrong", "charset-legacy", "qp-*", "text-lines", "raw-tab", "ctl-chars", "nonchar", "escape-N", "unescaped-comma", "fold-nbsp", "fold-midutf8", "fold-escape"}
	people := []string{"address-form", "addr-nonmail", "mailto-percent", "mailto-quote"}
	return map[string][]string{
		"method":      slices.Concat([]string{"method-*"}, lines),
		"components":  {"series-twice", "rid-duplicate", "ghost-vevent", "exception-cancelled", "components-extra"},
		"uid":         {"uid-*"},
		"start":       slices.Concat(times, lines),
		"end":         slices.Concat(times, lines, []string{"dtend-*", "duration-form", "allday-midnight"}),
		"occurrences": slices.Concat(times, lines, series, []string{"dtend-and-duration"}),
		"exception":   slices.Concat(times, []string{"rid-*"}),
		"organizer":   slices.Concat(people, lines, []string{"org-empty", "org-dn", "org-missing-*", "org-not-from"}),
		"attendees":   slices.Concat(people, lines, []string{"org-is-attendee", "attendee-*", "request-no-attendee"}),
		"summary":     slices.Concat([]string{"summary-*"}, texts, lines),
		"description": slices.Concat([]string{"description-*", "comment-not-description"}, texts, lines),
		"location":    slices.Concat(texts, lines),
	}
}

// declared returns the findings applied to the file that declare a change.
func (f *file) declared(kind string) (out []string) {
	for _, id := range f.applied {
		if slices.ContainsFunc(declares()[kind], func(name string) bool { return matches(name, id) }) {
			out = append(out, id)
		}
	}
	return out
}

func matches(name, id string) bool {
	prefix, ok := strings.CutSuffix(name, "*")
	return id == name || ok && strings.HasPrefix(id, prefix)
}
