// Package guard compares two states of a calendar in what people see of a meeting:
// when, where, who, what, and what a strict program would refuse. It returns the facets
// that differ; its caller decides which of them a remedy may change.
//
// Compare holds two calendars against each other, component by component (view.go: one
// component as people see it; times.go, series.go and occurrences.go: when it takes
// place; harm.go: what spoils it for programs). KeepsLetters holds two texts against
// each other before they are parsed.
//
// It reads calendars that were parsed, and never changes one.
package guard
