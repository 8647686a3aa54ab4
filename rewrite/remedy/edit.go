package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// setOrAdd gives the first property of that name the value, or adds one.
func setOrAdd(c *ical.Component, name, value string) {
	if l := c.First(name); l != nil {
		l.SetValue(value)
		return
	}
	c.Add(ical.NewLine(name, value))
}
