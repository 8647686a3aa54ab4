// Package ledger records in an SQLite file which attendee got which revision of a
// meeting, and finds the attendees who were not notified.
//
//	record.go    one delivery, as it is stored, exported and imported
//	event.go     a record from the event of a message
//	store.go     the file: opening, migrations (migrations/)
//	ledger.go    Ledger: opening, configuration, closing; claim.go: one relay for one folder
//	write.go     records to rows; batch.go: what those of one transaction have in common
//	queue.go     what waits for the goroutine that writes
//	journal.go   records that the database gets a moment later (entry.go, entry_json.go: as
//	             lines of JSON); replay.go: after a kill;
//	             patience.go: when the disk does not answer
//	writer.go    the one goroutine that writes: the file, pruning, other work
//	drain.go     one transaction with what waits
//	missing.go   the periodic check for attendees who were not notified
//	read.go      rows to records, by meeting, attendee, time
//	revision.go  the revisions of a meeting, and who has which
//	notified.go  who was not notified
//	marks.go     copies that were delivered twice, late, or out of order
//	suspect.go   the meetings that Exchange may be unable to send
//	holders.go   who still has a meeting, and what a cancellation needs
//	memory.go    look-ups for a repair; pending.go: in what is not stored yet
//	evidence.go  what messages show about the systems behind domains
//	forms.go     the form in which the next revision is sent first
//	receivers.go what is known of the systems behind domains
//	change.go    what relays of a cluster publish; outbox.go: what is not published yet;
//	             apply.go: what other relays have published
//	address.go   addresses in plain text, or as keyed hashes
//
// A Ledger is a sink of the relay: Message returns when the record is committed or in the
// journal, or after a limited wait. A record that cannot be written is kept in memory, up to a
// limit, and written later. A Reader reads at the same time, in this process or
// another.
//
// It never delays mail for longer than Options.Wait, never changes or keeps a
// message, and writes to the database only in its one goroutine.
package ledger
