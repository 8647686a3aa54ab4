package itip

import (
	"fmt"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// Level is the severity of a violation.
type Level string

const (
	Error   Level = "error"   // MUST, MUST NOT, or a number of times that the table does not allow
	Warning Level = "warning" // SHOULD, or a rule of RFC 5546 for a calendar that is no iTIP message
)

// Rule is the kind of a violation. The values are stable.
type Rule string

const (
	Missing   Rule = "missing"   // it must be there
	Forbidden Rule = "forbidden" // it must not be there
	TooMany   Rule = "too-many"  // it is there more often than allowed
	Empty     Rule = "empty"     // it must be there and has no value
	Exclusive Rule = "exclusive" // it must not be there beside another one
	Partner   Rule = "partner"   // it must not be there without another one
	Value     Rule = "value"     // it must have another value
	Undefined Rule = "undefined" // there is no such method for this component
	NoZone    Rule = "no-zone"   // a TZID without its VTIMEZONE
	MixedUIDs Rule = "mixed-uids"
)

// Violation is something that RFC 5546 does not allow. Its JSON form is stable.
type Violation struct {
	Level     Level  `json:"level"`
	Rule      Rule   `json:"rule"`
	Component string `json:"component"`          // where, e.g. VEVENT
	Name      string `json:"name,omitempty"`     // of the property or component it is about
	Instance  string `json:"instance,omitempty"` // RECURRENCE-ID of the component, when there is one
	Text      string `json:"text"`
	Source    string `json:"source"`
}

// restriction is one row of the table: an item of a scope, and how often it
// may be there when the message is of a method for a target.
type restriction struct {
	target, method, scope, name string
	component                   bool
	min, max                    int // max is negative where there is no end
	rules, source               string
}

// tableKey names one table of the standard, or the part of it for one scope.
type tableKey struct{ target, method, scope string }

var tables = sync.OnceValue(func() map[tableKey][]restriction {
	m := map[tableKey][]restriction{}
	for _, r := range restrictions {
		key := tableKey{r.target, r.method, r.scope}
		m[key] = append(m[key], r)
	}
	return m
})

// maxViolations bounds the list.
const maxViolations = 200

// Check returns the violations in the calendars of a document, in the order of the
// text; none for a document without a calendar.
func Check(doc *ical.Document) []Violation {
	c := checker{tables: tables()}
	for _, cal := range doc.Calendars() {
		c.calendar(cal)
	}
	c.forms(doc)
	return c.out
}

// Errors returns the violations of level Error.
func Errors(list []Violation) (out []Violation) {
	for _, v := range list {
		if v.Level == Error {
			out = append(out, v)
		}
	}
	return out
}

// checker is the work on one document.
type checker struct {
	tables map[tableKey][]restriction
	method string // of the calendar under work, "" without one
	out    []Violation
}

func (c *checker) add(v Violation) {
	if len(c.out) < maxViolations {
		c.out = append(c.out, v)
	}
}

func (c *checker) calendar(cal *ical.Component) {
	c.method = strings.ToUpper(strings.TrimSpace(cal.Value("METHOD")))
	c.apply(c.tables[tableKey{"*", "*", "VCALENDAR"}], cal)
	for _, z := range cal.Children("VTIMEZONE") {
		c.zone(z)
	}
	items := schedulable(cal)
	if c.method != "" {
		c.message(cal, items)
	}
	for _, it := range items {
		if c.method != "" {
			c.apply(c.tables[tableKey{it.Name, c.method, it.Name}], it)
		}
		for _, alarm := range it.Children("VALARM") {
			c.apply(c.tables[tableKey{"VALARM", "*", "VALARM"}], alarm)
		}
	}
	c.zonesUsed(cal, items)
}

// message checks what concerns the iTIP message as a whole: the table of its
// first component is the one that counts.
func (c *checker) message(cal *ical.Component, items []*ical.Component) {
	if len(items) == 0 {
		c.add(Violation{Level: Error, Rule: Missing, Component: "VCALENDAR", Name: "VEVENT",
			Text: "METHOD:" + c.method + " without a component to act on", Source: "RFC 5546 §3"})
		return
	}
	target := items[0].Name
	table := c.tables[tableKey{target, c.method, "VCALENDAR"}]
	if table == nil {
		c.add(Violation{Level: Error, Rule: Undefined, Component: "VCALENDAR", Name: "METHOD",
			Text: fmt.Sprintf("METHOD:%s is not defined for %s", clip(c.method), target), Source: "RFC 5546 §3"})
		return
	}
	c.apply(table, cal)
}

func (c *checker) zone(z *ical.Component) {
	c.apply(c.tables[tableKey{"VTIMEZONE", "*", "VTIMEZONE"}], z)
	for _, o := range z.Children("") {
		c.apply(c.tables[tableKey{"VTIMEZONE", "*", "VTIMEZONE/" + o.Name}], o)
	}
}

// apply counts the items of a component and checks the rules of each.
func (c *checker) apply(table []restriction, comp *ical.Component) {
	for _, r := range table {
		n := r.count(comp)
		switch {
		case n < r.min:
			c.violate(r, comp, Missing, r.name+" is required")
		case r.max == 0 && n > 0:
			c.violate(r, comp, Forbidden, r.name+" is not allowed")
		case r.max > 0 && n > r.max && r.name != "VTIMEZONE":
			// QUIRK(rfc5546): a REPLY may have one VTIMEZONE, and must have one
			// for each TZID (§3.2.3); a time in two zones can obey one of them
			c.violate(r, comp, TooMany, fmt.Sprintf("%s occurs %d times, %d is allowed", r.name, n, r.max))
		}
		if n > 0 {
			c.conditions(r, comp)
		}
	}
}

func (r restriction) count(comp *ical.Component) (n int) {
	for _, it := range comp.Items {
		if r.component && it.Sub != nil && it.Sub.Name == r.name || !r.component && it.Prop != nil && it.Prop.Name() == r.name {
			n++
		}
	}
	return n
}

func (c *checker) violate(r restriction, comp *ical.Component, rule Rule, text string) {
	c.add(Violation{Level: Error, Rule: rule, Component: comp.Name, Name: r.name,
		Instance: clip(comp.Value("RECURRENCE-ID")), Text: text, Source: r.source})
}

// schedulable returns the components that a message can be about.
func schedulable(cal *ical.Component) (out []*ical.Component) {
	for _, sub := range cal.Children("") {
		switch sub.Name {
		case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
			out = append(out, sub)
		}
	}
	return out
}

// clip bounds what is quoted of a text in the message.
func clip(s string) string {
	const most = 60
	s = strings.TrimSpace(s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
