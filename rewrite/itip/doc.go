// Package itip checks a calendar against the restriction tables of RFC 5546: which
// properties and components each method and component must have, may have or must
// not have, and how often, and what the comments of those tables require.
//
// Check checks a calendar. Forms lists the values that do not have the form of their
// type (RFC 5545 §3.3), by a table of the properties and parameters with the types
// that each may have; Check reports them as violations, too.
//
// The package changes nothing and does not know the remedies: it reports what
// violates the standard, also where no receiver refuses it. Therefore it can check a
// repair. Conditions that one message alone cannot show (the SEQUENCE that the
// organizer sent before, who was removed from the list) are not checked; they are
// listed in rules.go.
//
// The table is generated from gen/restrictions.tsv. The work is bounded by the
// limits of package ical, the number of violations by maxViolations.
package itip

//go:generate go run ./gen gen/restrictions.tsv table.go
