// Package ledger remembers which attendee got which revision of a meeting, in
// an SQLite file, and says who was not notified.
//
//	record.go    one delivery, as it is stored, exported and imported
//	event.go     a record from what the relay knows of a message at its end
//	store.go     the file: opened, migrated (migrations/), refused
//	ledger.go    Ledger: opened, configured, closed
//	write.go     records to rows
//	writer.go    the one goroutine that writes, and what waits for it
//	read.go      rows to records, by meeting, attendee, time
//	revision.go  the revisions of a meeting, and who has which
//	notified.go  who was not notified
//	marks.go     copies that came twice, late, or out of order
//	suspect.go   which meetings Exchange may be unable to send
//	holders.go   who still has a meeting, and what a cancellation needs
//	memory.go    what a repair asks of earlier messages
//	evidence.go  what messages tell of the systems behind domains
//	forms.go     which form the next revision begins with
//	receivers.go what is known of the systems behind domains
//	address.go   addresses as they are, or as keyed hashes
//
// A [Ledger] is a sink of the relay: Message returns when the record is
// committed, or after a bounded wait. What cannot be written waits in memory, up
// to a limit, and is written later. A [Reader] reads beside it, from this process
// or another.
//
// What it never does: hold mail up, change or keep a message, write to the file
// from anything but its one goroutine.
package ledger
