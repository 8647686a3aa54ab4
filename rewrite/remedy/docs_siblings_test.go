package remedy

import (
	"regexp"
	"testing"
)

// siblings is the part of docs/remedies.md that says where else a fault occurs
// that is known of one property, component or method.
const siblings = `
## Siblings

A defect that is known of one property, method or component can occur in others. These tables show where each is detected, in
VEVENT, VTODO and VJOURNAL, in both directions.

| defect | RECURRENCE-ID | EXDATE | RDATE |
|---|---|---|---|
| a date beside times, or the reverse | rid-type | exdate-type | rdate-type |
| midnight for the day | rid-midnight | exdate-midnight | no: an additional date at midnight may be intended |
| no zone although the series has one | rid-floating | exdate-floating | rdate-floating |
| another zone, or UTC | rid-zone, rid-domino-utc | exdate-zone | rdate-zone |
| Z although the series has no zone, or none although it is in UTC | zulu-like-start | zulu-like-start | zulu-like-start |
| a list | one date only (RFC 5545 §3.8.4.4) | each date; exdate-multi | each date; rdate-period |
| a day that is not in the calendar (30 February) | value-form | value-form | value-form |

| defect | here | there |
|---|---|---|
| recurrence properties in one occurrence | cancel-rrule: CANCEL | exception-rrule: all other methods |
| the same thing twice | rid-duplicate: an occurrence; ghost-vevent: an empty copy | series-twice: the series |
| the method contradicts the event | request-cancelled: REQUEST that cancels | publish-invites: PUBLISH that invites |
| a cancelled event in an invitation | request-cancelled: all of it | exception-cancelled: one occurrence |
| an exception lacks what its series has | exception-no-people: ORGANIZER, ATTENDEE; seq-exception-low: SEQUENCE | uid-exception-differs: UID; dtend-missing: length |
| unescaped line breaks | text-lines: DESCRIPTION, COMMENT | text-lines: LOCATION, SUMMARY, X-ALT-DESC; junk-line: after any other property, including URL |
| a line broken before a delimiter | colon-on-next-line: the colon of people and texts | broken-line: semicolon, comma, equals sign, and the colon of all others |
| a line broken without the space of a fold | qp-wordwrap-in-value: lists (opt-in) | broken-line: UID, addresses and their scheme, links, parameters; base64-lines; qp-property |
| another space than that of a fold | fold-tab: TAB | fold-nbsp: U+00A0 and all other Unicode spaces |
| a line folded into the one before it | blank-lines: empty lines | indented-lines: BEGIN, END and the lines below them |
| colon and semicolon | param-behind-colon: a colon for a semicolon | colon-missing: a semicolon for a colon, or none |
| parameter without a value | param-blank: ;ROLE= | param-blank: a semicolon with nothing after it, also in time zones; cn-empty: CN |
| the value of a parameter without its name | param-bare: dates, people, alarms, files | qp-property: QUOTED-PRINTABLE; value-form: all others |
| property without a value | empty-property: with or without parameters | colon-missing: parameters and no colon |
| encoded values | qp-property: quoted-printable | base64-lines: base64 |
| characters that are not allowed | ctl-chars, nonchar, nul-bytes: values | name-odd: names |
| a line too long for SMTP | long-line: of the calendar | cte-long-line: of its transfer encoding |
| order | method-after-components: METHOD, VERSION | tz-behind: VTIMEZONE; valarm-order: VALARM |

| fault of a zone | its name | its VTIMEZONE |
|---|---|---|
| a name that nobody looks up | tz-windows-number, tz-prefix, tz-offset-name; tz-cdo-name, tz-utc-display, tz-lotus-short | tz-customized, tz-offset-pair, tz-mojibake: by the rules |
| the name that Windows has | tz-windows-name: not for Exchange | tz-windows-name: where the rules are those of IANA for the dates |
| not there, or nothing in it | tz-undeclared, cancel-no-vtimezone, reply-no-vtimezone | tz-empty: under a known name |
| half of it, exchanged, impossible | tz-stale-rules: rules of another place or year (opt-in) | tz-half, tz-swapped, tz-absurd: under a known name |
| an offset without a sign, with a colon, beyond a day | offset-form: the sign that IANA has for the name | offset-form: the sign that goes with the offsets beside it; value-form |
| rules that no receiver of one pair reads | tz-many-observances: Morocco through one Ramadan, too | tz-rdate-only, tz-rdate-and-rrule, tz-front-truncated, tz-israel-byday, tz-huge |

| what Exchange cannot store | repaired, where it is exact | reported |
|---|---|---|
| weekdays in a daily rule | rrule-daily-byday: each day | rrule-mapi-limits: other intervals |
| a day or the last one of shorter months | rrule-day-or-last | rrule-last-day: a day that some months lack; yearly-last-day |
| parts that a pattern has no place for | rrule-setpos-to-nth and rrule-nth-to-setpos: two ways to say one thing | rrule-mapi-limits: BYMONTH, BYSETPOS, numbers, lists, more than 999 occurrences |
| dates beside or without a rule | rdate-only: where a rule has the same dates | rdate-any-exch, exdate-multi-line-e2007; rdate-behind-until: for Google |

RESOURCES may occur several times (RFC 5545 §3.8.1.10, RFC 5546 §3.2): that is not a defect, and each stays. Of 21 receivers one
refuses it, the strict check of libical, which allows only one resource; a list in one property would not help.
`

// TestSiblingsPage asks that the page names remedies that exist.
func TestSiblingsPage(t *testing.T) {
	for _, id := range regexp.MustCompile(`\b[a-z0-9]+(?:-[a-z0-9]+)+\b`).FindAllString(siblings, -1) {
		if Find(id) == nil && id != "quoted-printable" && id != "opt-in" {
			t.Errorf("%s is no remedy", id)
		}
	}
}
