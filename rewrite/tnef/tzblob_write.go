package tnef

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

var errZoneRule = errors.New("time zone has no yearly rule that Windows supports")

// ruleOf gives the rule that a VTIMEZONE has today: its last STANDARD and its
// last DAYLIGHT.
func ruleOf(c *ical.Component) (tzRule, error) {
	standard, daylight := lastChild(c, "STANDARD"), lastChild(c, "DAYLIGHT")
	if standard == nil {
		return tzRule{}, errZoneRule
	}
	base, err := offsetMinutes(standard.Value("TZOFFSETTO"))
	if err != nil || daylight == nil {
		return tzRule{bias: -base}, err
	}
	summer, err := offsetMinutes(daylight.Value("TZOFFSETTO"))
	if err != nil {
		return tzRule{}, err
	}
	r := tzRule{bias: -base, daylightBias: base - summer}
	if r.standard, err = systemTimeOf(standard); err == nil {
		r.daylight, err = systemTimeOf(daylight)
	}
	return r, err
}

func lastChild(c *ical.Component, name string) *ical.Component {
	if all := c.Children(name); len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

func offsetMinutes(v string) (int32, error) {
	v = strings.TrimSpace(v)
	n, err := strconv.Atoi(strings.TrimLeft(v, "+-"))
	if err != nil || len(v) != 5 {
		return 0, fmt.Errorf("%w: offset %q", errZoneRule, v)
	}
	n = n/100*60 + n%100
	if v[0] == '-' {
		n = -n
	}
	return int32(n), nil
}

// systemTimeOf reads DTSTART and a rule like FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10.
func systemTimeOf(observance *ical.Component) (systemTime, error) {
	start, ok := ical.ParseDateTime(observance.Value("DTSTART"))
	rule := ruleParts(observance.Value("RRULE"))
	day := rule["BYDAY"]
	month, err := strconv.Atoi(rule["BYMONTH"])
	if !ok || err != nil || rule["UNTIL"] != "" || rule["BYMONTHDAY"] != "" || len(day) < 3 {
		return systemTime{}, errZoneRule
	}
	nth, err := strconv.Atoi(day[:len(day)-2])
	weekday := slices.Index(dayNames[:], day[len(day)-2:])
	if nth == -1 {
		nth = 5
	}
	if err != nil || weekday < 0 || nth < 1 {
		return systemTime{}, errZoneRule
	}
	hour, minute, second := start.Wall.Clock()
	return systemTime{month: uint16(month), weekday: uint16(weekday), day: uint16(nth),
		hour: uint16(hour), minute: uint16(minute), second: uint16(second)}, nil
}

// ruleParts gives the parts of an RRULE in upper case.
func ruleParts(rule string) map[string]string {
	parts := map[string]string{}
	for _, p := range strings.Split(strings.ToUpper(rule), ";") {
		name, value, _ := strings.Cut(p, "=")
		parts[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return parts
}

// reg writes PidLidTimeZoneStruct.
func (r tzRule) reg() []byte {
	b := r.biases(nil)
	b = r.standard.append(append(b, 0, 0))
	return r.daylight.append(append(b, 0, 0))
}

// definition writes a TZDEFINITION with one rule, which is in effect.
func (r tzRule) definition(key string) []byte {
	le := binary.LittleEndian
	name := encodeUTF16(key)
	b := []byte{2, 1}
	b = le.AppendUint16(b, uint16(6+len(name)))
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, uint16(len(name)/2))
	b = le.AppendUint16(append(b, name...), 1)
	b = append(b, 2, 1)
	b = le.AppendUint16(b, 0x3E)
	b = le.AppendUint16(b, 1|ruleEffective)
	b = le.AppendUint16(b, 1601)
	b = r.biases(append(b, make([]byte, 14)...))
	return r.daylight.append(r.standard.append(b))
}

func (r tzRule) biases(b []byte) []byte {
	for _, v := range []int32{r.bias, r.standardBias, r.daylightBias} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return b
}

func (s systemTime) append(b []byte) []byte {
	for _, v := range []uint16{s.year, s.month, s.weekday, s.day, s.hour, s.minute, s.second, s.ms} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}
