package remedy

import (
	"strconv"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// alarm writes AALARM and DALARM as VALARM: run time, snooze time, repeat count
// and what is played or shown. A run time that floats is written as the distance
// to a start that floats (RFC 5545 §3.8.6.3 wants UTC).
func (v *vcal) alarm(p *vcalPlan, l vcalLine, e vcalTimes) {
	v.known(l, "VALUE", "TYPE")
	parts := strings.SplitN(l.value, ";", 4)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	parts = append(parts, "", "", "")
	at, ok := ical.ParseDateTime(parts[0])
	if !ok || at.Form == ical.Date {
		v.not(clip(l.name) + " has no time")
		return
	}
	a := ical.NewComponent("VALARM")
	if l.name == "AALARM" {
		a.Add(ical.NewLine("ACTION", "AUDIO"))
	} else {
		a.Add(ical.NewLine("ACTION", "DISPLAY"))
	}
	v.trigger(a, v.instant(l.name, at), e)
	v.repeat(a, l.name, parts[1], parts[2])
	content := parts[3]
	switch {
	case l.name == "DALARM":
		v.shown(a, content)
	case content == "":
	case strings.HasPrefix(l.param("VALUE"), "U") && strings.Contains(content, ":"):
		a.Add(ical.NewLine("ATTACH", content))
	default:
		v.not("AALARM contains a sound")
	}
	p.alarms = append(p.alarms, a)
}

func (v *vcal) trigger(a *ical.Component, at ical.DateTime, e vcalTimes) {
	switch {
	case at.Form == ical.UTC:
		l := ical.NewLine("TRIGGER", at.String())
		l.SetParam("VALUE", "DATE-TIME")
		a.Add(l)
	case e.known && e.start.Form == ical.Local && !e.series:
		sign, d := "", at.Wall.Sub(e.start.Wall)
		if d < 0 {
			sign, d = "-", -d
		}
		a.Add(ical.NewLine("TRIGGER", sign+"PT"+strconv.Itoa(int(d.Seconds()))+"S"))
	default:
		v.not("an alarm is at a local time, which iCalendar allows only for a start in local time that does not repeat")
	}
}

func (v *vcal) repeat(a *ical.Component, name, snooze, count string) {
	n, err := strconv.Atoi(count)
	switch {
	case count == "" || err == nil && n == 0:
		return
	case err != nil || n < 0 || n > 999:
		v.not(clip(name) + " has an invalid number of repetitions")
		return
	}
	if _, ok := ical.ParseDuration(snooze); !ok || snooze == "" || strings.HasPrefix(snooze, "-") {
		v.not(clip(name) + " repeats after an invalid interval: " + clip(snooze))
	} else {
		a.Add(ical.NewLine("REPEAT", strconv.Itoa(n)), ical.NewLine("DURATION", snooze))
	}
}

// shown writes the text of an alarm, or that it is a reminder (RFC 5545 §3.6.6 wants a DESCRIPTION).
func (v *vcal) shown(a *ical.Component, content string) {
	text, ok := plainVCalText(content)
	if !ok {
		v.not("DALARM has a backslash, and it is not certain whether it is meant")
		return
	}
	if text == "" {
		text = "Reminder"
	}
	a.Add(ical.NewLine("DESCRIPTION", ical.EscapeText(text)))
}
