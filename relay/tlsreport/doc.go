// Package tlsreport counts how TLS with mail exchangers went, and writes a report for
// each domain and day (RFC 8460).
//
//	count.go      Counts: the connections of one day
//	report.go     the report on one domain, in JSON
//	mail.go       the same as a message, and to whom it is sent
//	collector.go  Collector: counting, the end of a day, files
//
// Reports are files in a folder, and messages to those who want them. A day is one of UTC. What was counted
// is stored every ten minutes and at the end, so that a restart loses little of it. The
// number of domains and of failures that are told apart is bounded. Mail never waits
// for a report.
package tlsreport
