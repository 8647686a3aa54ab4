package remedy

import (
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
)

// malformed returns the values that have not the form of their type. They are
// looked for once for all remedies that come before the next change.
func malformed(c *Object) []itip.Malformed {
	return c.forms.list(c, func(list []itip.Malformed) []itip.Malformed {
		if c.Doc == nil {
			return list
		}
		return append(list, itip.Forms(c.Doc)...)
	})
}

// reformValues gives each property that has a malformed value of one of the types the
// value that after makes of it. What it does not change it does not report:
// value-form says what is left.
func reformValues(c *Object, level Level, after func(itip.Malformed) string, of ...itip.Type) {
	var last *ical.Line
	zones := false
	for _, m := range malformed(c) {
		if m.Line == last || m.Param != "" || !slices.Contains(of, m.Type) {
			continue
		}
		last = m.Line
		v := after(m)
		if v == m.Line.Value() || !c.Found(found(level, m.Component, m.Line.Name(), m.Line.Value(), v)) {
			continue
		}
		m.Line.SetValue(v)
		zones = zones || inZone(m.Component)
	}
	if zones {
		c.ResetZones()
	}
}

// inZone reports whether a component is a VTIMEZONE or is in one.
func inZone(comp *ical.Component) bool {
	for ; comp != nil; comp = comp.Parent() {
		if comp.Name == "VTIMEZONE" {
			return true
		}
	}
	return false
}

// eachElement gives each element of a list what after makes of it.
func eachElement(list string, after func(string) string) string {
	if strings.IndexByte(list, ',') < 0 {
		return after(list)
	}
	values := strings.Split(list, ",")
	for i, v := range values {
		values[i] = after(v)
	}
	return strings.Join(values, ",")
}
