package tnef

import (
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// Rules of Windows.
var (
	eastern2006 = tzRule{bias: 300, daylightBias: -60, standard: systemTime{month: 10, day: 5, hour: 2}, daylight: systemTime{month: 4, day: 1, hour: 2}}
	eastern2007 = tzRule{bias: 300, daylightBias: -60, standard: systemTime{month: 11, day: 1, hour: 2}, daylight: systemTime{month: 3, day: 2, hour: 2}}
	europe      = tzRule{bias: -60, daylightBias: -60, standard: systemTime{month: 10, day: 5, hour: 3}, daylight: systemTime{month: 3, day: 5, hour: 2}}
	india       = tzRule{bias: -330}
)

// twoRules writes a definition with several rules, of which one is effective.
func twoRules(key string, effective int, rules ...tzRule) []byte {
	b := rules[0].definition(key)
	head := len(b) - tzRuleSize
	b[head-2] = byte(len(rules))
	for i, r := range rules {
		one := r.definition(key)[head:]
		one[4] = 0
		if i == effective {
			one[4] = ruleEffective
		}
		b = append(b[:head+i*tzRuleSize], one...)
	}
	return b
}

func TestTZDefinition(t *testing.T) {
	for _, tc := range []struct {
		name      string
		effective int
		want      tzRule
	}{{"first", 0, eastern2006}, {"last", 1, eastern2007}, {"none is flagged", -1, eastern2007}} {
		t.Run(tc.name, func(t *testing.T) {
			b := twoRules("Eastern Standard Time", tc.effective, eastern2006, eastern2007)
			key, rule, err := parseTZDefinition(b)
			if err != nil || key != "Eastern Standard Time" || rule != tc.want {
				t.Errorf("%q %v %v", key, rule, err)
			}
			for n := range b {
				if _, _, err := parseTZDefinition(b[:n]); err == nil && n < len(b)-tzRuleSize {
					t.Errorf("%d of %d octets are taken", n, len(b))
				}
			}
		})
	}
	if b := eastern2007.reg(); len(b) != tzRegSize {
		t.Errorf("TZREG of %d octets", len(b))
	} else if r, err := parseTZReg(b); err != nil || r != eastern2007 {
		t.Errorf("TZREG %v %v", r, err)
	}
}

// The component of a rule has the offsets that IANA has for the same law.
func TestTZRuleComponent(t *testing.T) {
	jordan := tzRule{bias: -120, daylightBias: -60, standard: systemTime{month: 10, weekday: 5, day: 5, hour: 1}, daylight: systemTime{month: 3, weekday: 4, day: 5, hour: 23, minute: 59, second: 59, ms: 999}}
	brazil := tzRule{bias: 180, daylightBias: -60,
		standard: systemTime{month: 2, weekday: 6, day: 3, hour: 23, minute: 59, second: 59, ms: 999},
		daylight: systemTime{month: 10, weekday: 6, day: 3, hour: 23, minute: 59, second: 59, ms: 999}}
	for _, tc := range []struct {
		name string
		rule tzRule
		year int
	}{
		{"America/New_York", eastern2007, 2013}, {"Europe/Berlin", europe, 2026}, {"Asia/Kolkata", india, 2026},
		{"America/Sao_Paulo", brazil, 2016},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := tc.rule.component("x", tc.year-1)
			if err != nil {
				t.Fatal(err)
			}
			rules, err := zone.Evaluate(c)
			if err != nil {
				t.Fatal(err)
			}
			from := time.Date(tc.year, 1, 10, 0, 0, 0, 0, time.UTC)
			if !zone.Agree(rules, tc.name, from, from.AddDate(1, 0, 0)) {
				d := &ical.Document{Root: &ical.Component{}}
				d.Root.AddChild(c)
				t.Errorf("not the offsets of %s:\n%s", tc.name, d.Bytes())
			}
			if tc.rule == brazil {
				return // no rule of the kind that can be written
			}
			if again, err := ruleOf(c); err != nil || !again.same(tc.rule) {
				t.Errorf("read again %v %v", again, err)
			}
		})
	}
	c, err := jordan.component("x", 2020)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Children("DAYLIGHT")[0].Value("DTSTART"); got != "20200326T235959" {
		t.Errorf("daylight starts %s", got)
	}
}

func TestTZRuleDamaged(t *testing.T) {
	for _, r := range []tzRule{
		{bias: 24 * 60}, {bias: -1 << 31, standardBias: -1},
		{bias: 60, daylightBias: -60, standard: systemTime{month: 13, day: 1}, daylight: systemTime{month: 3, day: 1}},
		{bias: 60, daylightBias: -60, standard: systemTime{month: 3, day: 6}, daylight: systemTime{month: 3, day: 1}},
		{bias: 60, daylightBias: -60, standard: systemTime{month: 3, day: 1, hour: 24}, daylight: systemTime{month: 3, day: 1}},
	} {
		if c, err := r.component("x", 2026); err == nil {
			t.Errorf("%v became %v", r, c)
		}
	}
}

// Which zone counts, and what it is called.
func TestChooseZone(t *testing.T) {
	from := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name   string
		props  map[uint32]any
		want   string
		offset time.Duration // in July
	}{
		{"nothing", nil, "", 0},
		{"a definition", map[uint32]any{lidZoneRecur: europe.definition("W. Europe Standard Time")}, "Europe/Berlin", 2 * time.Hour},
		{"the old blob with a name", map[uint32]any{lidZoneStruct: eastern2007.reg(), lidZoneName: "(UTC-05:00) Eastern Time (US & Canada)"}, "America/New_York", -4 * time.Hour},
		{"the old blob wins", map[uint32]any{lidZoneRecur: eastern2006.definition("Eastern Standard Time"), lidZoneStruct: eastern2007.reg()}, "America/New_York", -4 * time.Hour},
		{"the effective rule", map[uint32]any{lidZoneRecur: twoRules("Eastern Standard Time", 1, eastern2006, eastern2007)}, "America/New_York", -4 * time.Hour},
		{"a name against its rules", map[uint32]any{lidZoneRecur: europe.definition("Eastern Standard Time")}, customZone, 2 * time.Hour},
		{"an unknown name", map[uint32]any{lidZoneRecur: india.definition("Nirgendwo")}, customZone, 330 * time.Minute},
		{"UTC", map[uint32]any{lidZoneRecur: tzRule{}.definition("UTC")}, "", 0},
		{"an index", map[uint32]any{lidZoneIndex: int32(10)}, customZone, -4 * time.Hour},
		{"an index without daylight saving time", map[uint32]any{lidZoneIndex: int32(-1<<31 | 10)}, customZone, -5 * time.Hour},
		{"an index with a name", map[uint32]any{lidZoneIndex: int32(10), lidZoneName: "Eastern Standard Time"}, "America/New_York", -4 * time.Hour},
		{"a damaged definition", map[uint32]any{lidZoneRecur: europe.definition("x")[:20], lidZoneStruct: india.reg()}, customZone, 330 * time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := &Message{}
			for lid, v := range tc.props {
				m.Props = append(m.Props, namedProp(choose(lid == lidZoneIndex, SetMeeting, SetAppointment), lid, v))
			}
			b := &builder{m: m}
			z, known := b.chooseZone(from, from.AddDate(1, 0, 0), lidZoneRecur)
			if known != (tc.props != nil) {
				t.Errorf("known %v", known)
			}
			name := ""
			if z != nil {
				name = z.tzid
			}
			july := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
			if name != tc.want || z.wall(july).Sub(july) != tc.offset {
				t.Errorf("zone %q with %v, want %q with %v", name, z.wall(july).Sub(july), tc.want, tc.offset)
			}
			if z == nil {
				return
			}
			rules, err := zone.Evaluate(z.component)
			if err != nil || strings.Contains(z.component.Value("TZID"), "Standard Time") {
				t.Fatal(z.component.Value("TZID"), err)
			}
			if rules.Wall(july) != z.wall(july) {
				t.Error("the VTIMEZONE has other offsets")
			}
		})
	}
}

// Every zone of the index can be written.
func TestZoneIndex(t *testing.T) {
	for i := range zoneIndex {
		rule, ok := indexedRule(i)
		if !ok {
			t.Fatal(i)
		}
		if _, err := nameZone(rule, berlin9, berlin9); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if _, ok := indexedRule(0); ok {
		t.Error("0 is a zone")
	}
}
