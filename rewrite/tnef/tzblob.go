package tnef

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// tzRule are the offsets of one time zone as Windows keeps them ([MS-OXOCAL]
// §2.2.1.41): minutes that are added to local time to get UTC, and the yearly
// moments at which they change.
type tzRule struct {
	bias, standardBias, daylightBias int32
	standard, daylight               systemTime
}

// systemTime is a SYSTEMTIME: with year 0 the day is the nth weekday of the
// month (5 the last one), otherwise a date.
type systemTime struct {
	year, month, weekday, day, hour, minute, second, ms uint16
}

const (
	tzRegSize     = 48
	tzRuleSize    = 66
	ruleEffective = 2 // the rule that counts
	maxTZRules    = 1024
)

var errZoneBlob = errors.New("time zone is damaged")

// parseTZReg reads PidLidTimeZoneStruct.
func parseTZReg(b []byte) (tzRule, error) {
	if len(b) < tzRegSize {
		return tzRule{}, fmt.Errorf("%w: %d octets", errZoneBlob, len(b))
	}
	le := binary.LittleEndian
	return tzRule{
		bias:         int32(le.Uint32(b)),
		standardBias: int32(le.Uint32(b[4:])),
		daylightBias: int32(le.Uint32(b[8:])),
		standard:     parseSystemTime(b[14:]),
		daylight:     parseSystemTime(b[32:]),
	}, nil
}

// parseTZDefinition reads the key and the effective rule of a TZDEFINITION;
// without an effective one the last, which is that of the latest years.
func parseTZDefinition(b []byte) (key string, rule tzRule, err error) {
	le := binary.LittleEndian
	if len(b) < 8 {
		return "", tzRule{}, fmt.Errorf("%w: %d octets", errZoneBlob, len(b))
	}
	head, chars := 4+int(le.Uint16(b[2:])), int(le.Uint16(b[6:]))
	if head > len(b) || head < 10+2*chars {
		return "", tzRule{}, fmt.Errorf("%w: its name exceeds the data", errZoneBlob)
	}
	key = decodeUTF16(b[8 : 8+2*chars])
	count, rest := int(le.Uint16(b[head-2:])), b[head:]
	if count == 0 || count > maxTZRules {
		return "", tzRule{}, fmt.Errorf("%w: %d rules", errZoneBlob, count)
	}
	for range count {
		if len(rest) < tzRuleSize {
			return "", tzRule{}, fmt.Errorf("%w: a rule exceeds the data", errZoneBlob)
		}
		rule = tzRule{
			bias:         int32(le.Uint32(rest[22:])),
			standardBias: int32(le.Uint32(rest[26:])),
			daylightBias: int32(le.Uint32(rest[30:])),
			standard:     parseSystemTime(rest[34:]),
			daylight:     parseSystemTime(rest[50:]),
		}
		if le.Uint16(rest[4:])&ruleEffective != 0 {
			break
		}
		rest = rest[tzRuleSize:]
	}
	return key, rule, nil
}

func parseSystemTime(b []byte) systemTime {
	u := func(i int) uint16 { return binary.LittleEndian.Uint16(b[2*i:]) }
	return systemTime{u(0), u(1), u(2), u(3), u(4), u(5), u(6), u(7)}
}

// fixed reports whether the rule has no daylight saving time.
func (r tzRule) fixed() bool {
	return r.standard.month == 0 || r.daylight.month == 0 || r.standardBias == r.daylightBias
}

// same reports whether two rules have the same offsets. The daylight fields of a
// rule without daylight saving time are ignored.
func (r tzRule) same(o tzRule) bool {
	if r.fixed() && o.fixed() {
		return r.bias+r.standardBias == o.bias+o.standardBias
	}
	return r == o
}

// component writes the rule as a VTIMEZONE that is right from a year on (RFC
// 5545 §3.6.5). Exchange itself lets observances start in 1601, on days that
// are no onsets of their own rules; here they start with a real one.
func (r tzRule) component(tzid string, year int) (*ical.Component, error) {
	standard, daylight := -int(r.bias+r.standardBias), -int(r.bias+r.daylightBias)
	if outside(standard) || outside(daylight) {
		return nil, fmt.Errorf("%w: %d minutes from UTC", errZoneBlob, standard)
	}
	c := ical.NewComponent("VTIMEZONE")
	c.Add(ical.NewLine("TZID", ical.EscapeText(tzid)))
	if r.fixed() {
		c.AddChild(observance("STANDARD", standard, standard, "19700101T000000", ""))
		return c, nil
	}
	for _, o := range []struct {
		at       systemTime
		from, to int
	}{{r.standard, daylight, standard}, {r.daylight, standard, daylight}} {
		start, rule, err := o.at.onset(year)
		if err != nil {
			return nil, err
		}
		kind := "STANDARD" // by the offsets: some laws call their summer standard
		if o.to > o.from {
			kind = "DAYLIGHT"
		}
		c.AddChild(observance(kind, o.from, o.to, start.Format("20060102T150405"), rule))
	}
	return c, nil
}

// outside reports whether an offset in minutes is none that RFC 5545 §3.3.14 can
// write.
func outside(minutes int) bool { return minutes <= -24*60 || minutes >= 24*60 }

func observance(kind string, from, to int, start, rule string) *ical.Component {
	c := ical.NewComponent(kind)
	c.Add(ical.NewLine("DTSTART", start), ical.NewLine("TZOFFSETFROM", offsetText(from)), ical.NewLine("TZOFFSETTO", offsetText(to)))
	if rule != "" {
		c.Add(ical.NewLine("RRULE", rule))
	}
	return c
}

func offsetText(minutes int) string {
	sign := '+'
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	return fmt.Sprintf("%c%02d%02d", sign, minutes/60, minutes%60)
}

// onset gives the change of a year in local time, and the yearly rule for it.
//
// Windows cannot say midnight at the end of a day and writes 23:59:59.999.
// That is the midnight of the next day; its weekday then lies within seven
// days of the month. After a last weekday those can belong to two months,
// which no yearly rule says: there the second stays as it is.
func (s systemTime) onset(year int) (start time.Time, rule string, err error) {
	if s.month > 12 || s.weekday > 6 || s.day == 0 || s.day > 31 || s.hour > 23 || s.minute > 59 || s.second > 59 || s.year == 0 && s.day > 5 {
		return time.Time{}, "", fmt.Errorf("%w: no transition time", errZoneBlob)
	}
	clock := time.Duration(s.hour)*time.Hour + time.Duration(s.minute)*time.Minute + time.Duration(s.second)*time.Second
	if s.year != 0 {
		return time.Date(int(s.year), time.Month(s.month), int(s.day), 0, 0, 0, 0, time.UTC).Add(clock), "", nil
	}
	day, nth := nthWeekday(year, time.Month(s.month), time.Weekday(s.weekday), int(s.day)), int(s.day)
	if nth == 5 {
		nth = -1
	}
	rule = fmt.Sprintf("FREQ=YEARLY;BYDAY=%d%s;BYMONTH=%d", nth, dayNames[s.weekday], s.month)
	if clock == 24*time.Hour-time.Second && s.ms == 999 && nth > 0 {
		clock += time.Second
		first := 7*(nth-1) + 2
		rule = fmt.Sprintf("FREQ=YEARLY;BYDAY=%s;BYMONTHDAY=%d,%d,%d,%d,%d,%d,%d;BYMONTH=%d",
			dayNames[(s.weekday+1)%7], first, first+1, first+2, first+3, first+4, first+5, first+6, s.month)
		if first+6 > 28 && s.month == 2 {
			return time.Time{}, "", fmt.Errorf("%w: no transition time", errZoneBlob)
		}
	}
	return day.Add(clock), rule, nil
}

// nthWeekday gives a weekday of a month; n from 1, 5 for the last one.
func nthWeekday(year int, month time.Month, weekday time.Weekday, n int) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	day := first.AddDate(0, 0, int(weekday-first.Weekday()+7)%7+7*(n-1))
	if day.Month() != month {
		day = day.AddDate(0, 0, -7)
	}
	return day
}
