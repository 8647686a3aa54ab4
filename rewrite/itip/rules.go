package itip

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// unjudged are the conditions of the tables that one message alone cannot
// show, with what one would have to know.
var unjudged = map[string]string{
	"only_if_instance_of_recurring":        "whether the organizer's meeting is a series",
	"equals_original_uid":                  "the request that is answered",
	"equals_original_sequence":             "the request that is answered",
	"required_if_gt_0":                     "the revision, when it is not written",
	"may_be_omitted_if_0":                  "it allows, and asks for nothing",
	"value=replying_attendee":              "who answers",
	"value=requester":                      "who asks",
	"value=originator":                     "who sends",
	"value=original_organizer":             "the request that is answered",
	"value=queried_users":                  "who is asked",
	"lists_removed_attendees":              "who was on the list before",
	"some_or_all_attendees_if_whole_event": "who was on the list before",
	"absent_if_only_uninviting_attendees":  "who was on the list before",
	"all_attendees":                        "who was on the list before",
	"may_propose_new_attendees":            "it allows, and asks for nothing",
	"busy_time_url":                        "what is at that address",
	"nullable":                             "it allows an empty value, see conditions",
	"required_if_tzid_referenced":          "see zonesUsed",
	"at_least_one_of=STANDARD|DAYLIGHT":    "see zonesUsed: asked for where both are missing",
}

// conditions checks the rules of a restriction whose item is there.
func (c *checker) conditions(r restriction, comp *ical.Component) {
	if r.min > 0 && !r.component && !strings.Contains(r.rules, "nullable") && strings.TrimSpace(comp.Value(r.name)) == "" {
		c.violate(r, comp, Empty, r.name+" must have a value")
		return
	}
	if r.rules == "" {
		return
	}
	for rule := range strings.SplitSeq(r.rules, ";") {
		if _, skip := unjudged[rule]; !skip {
			name, arg, _ := strings.Cut(rule, "=")
			c.condition(r, comp, name, arg)
		}
	}
}

// condition checks one rule.
func (c *checker) condition(r restriction, comp *ical.Component, name, arg string) {
	value := strings.ToUpper(strings.TrimSpace(comp.Value(r.name)))
	switch name {
	case "excludes":
		// both rows say it; the later one of the alphabet speaks for both
		if comp.Has(arg) && r.name > arg {
			c.violate(r, comp, Exclusive, r.name+" is not allowed beside "+arg)
		}
	case "requires":
		if !comp.Has(arg) {
			c.violate(r, comp, Partner, r.name+" is not allowed without "+arg)
		}
	case "value", "enum", "if_whole_component_cancelled":
		if allowed := strings.Split(arg, "|"); !slices.Contains(allowed, value) {
			c.violate(r, comp, Value, fmt.Sprintf("%s must be %s and is %s", r.name, strings.Join(allowed, " or "), clip(value)))
		}
	case "gt_0":
		if strings.Trim(value, "0") == "" || value[0] == '-' {
			c.violate(r, comp, Value, r.name+" must be greater than 0")
		}
	case "utc":
		if !strings.HasSuffix(value, "Z") {
			c.violate(r, comp, Value, r.name+" must be in UTC")
		}
	case "local_time":
		if _, zoned := comp.First(r.name).Param("TZID"); zoned || strings.HasSuffix(value, "Z") {
			c.violate(r, comp, Value, r.name+" must be a local time")
		}
	case "all_components_same_uid":
		c.sameUID(r, comp)
	case "fbtype_busy":
		for _, l := range comp.Lines(r.name) {
			if p, ok := l.Param("FBTYPE"); ok && strings.EqualFold(p.Value(), "FREE") {
				c.violate(r, comp, Value, r.name+" must be a busy time but is FREE")
				return
			}
		}
	case "sorted_ascending_should":
		if lines := comp.Lines(r.name); !slices.IsSortedFunc(lines, func(a, b *ical.Line) int { return strings.Compare(a.Value(), b.Value()) }) {
			c.add(Violation{Level: Warning, Rule: Value, Component: comp.Name, Name: r.name,
				Text: r.name + " should be sorted by time", Source: r.source})
		}
	}
}

// sameUID requires one identity in the whole message (RFC 5546 §3.2.2: "all
// components MUST have the same UID").
func (c *checker) sameUID(r restriction, cal *ical.Component) {
	first := ""
	for i, it := range cal.Children(r.name) {
		uid := strings.TrimSpace(it.Value("UID"))
		if i == 0 {
			first = uid
		} else if uid != first {
			c.add(Violation{Level: Error, Rule: MixedUIDs, Component: cal.Name, Name: "UID",
				Text: "all components of a message must have the same UID", Source: r.source})
			return
		}
	}
}

// zonesUsed wants a VTIMEZONE for each TZID, once for each name, and an
// observance in each VTIMEZONE. For a calendar without METHOD that is RFC 5545
// §3.6.5, which its readers take less strictly.
func (c *checker) zonesUsed(cal *ical.Component, items []*ical.Component) {
	level := Error
	if c.method == "" {
		level = Warning
	}
	known := map[string]bool{}
	for _, z := range cal.Children("VTIMEZONE") {
		known[strings.TrimSpace(z.Value("TZID"))] = true
		if len(z.Children("STANDARD"))+len(z.Children("DAYLIGHT")) == 0 {
			c.add(Violation{Level: level, Rule: Missing, Component: z.Name, Name: "STANDARD",
				Text: "STANDARD or DAYLIGHT is required", Source: "RFC 5546 §3.1.2"})
		}
	}
	for _, it := range items {
		it.Walk(func(comp *ical.Component) {
			for _, x := range comp.Items {
				if x.Prop == nil {
					continue
				}
				p, ok := x.Prop.Param("TZID")
				if id := strings.TrimSpace(p.Value()); ok && !known[id] {
					known[id] = true
					c.add(Violation{Level: level, Rule: NoZone, Component: comp.Name, Name: x.Prop.Name(),
						Text: "there is no VTIMEZONE for the TZID " + clip(id), Source: "RFC 5546 §3.1.2"})
				}
			}
		})
	}
}
