// Package itip checks a calendar against the restriction tables of RFC 5546:
// for every method and component which properties and components must be
// there, may be there or must not, and how often, and what the comments of
// those tables ask for.
//
// [Check] judges a calendar. [Forms] lists the values in it that have not the
// form of their type (RFC 5545 §3.3), from a table of the properties and
// parameters with the types that each may have; Check counts them as
// violations too.
//
// The package changes nothing and knows nothing of remedies: it reports what
// violates the standard, also where no receiver refuses it. So it can judge a
// repair. Conditions that one message alone cannot show (the SEQUENCE that
// the organizer sent before, who was removed from the list) are not judged; the
// list is in rules.go.
//
// The table is generated from gen/restrictions.tsv. The work is bounded by
// what package ical has read, the number of violations by maxViolations.
package itip

//go:generate go run ./gen gen/restrictions.tsv table.go
