// Package guard compares two states of a calendar in what people see of a meeting
// (when, where, who, what), and in what a strict program would refuse. It returns
// the facets that differ; its caller decides which of them a remedy may change.
//
// Compare compares two calendars component by component (view.go: the properties
// that people see; times.go, series.go and occurrences.go: when it takes place;
// harm.go: what programs refuse). KeepsLetters compares two texts before they are
// parsed.
//
// It reads parsed calendars and never changes one.
package guard
