// Package queue keeps messages that were answered with 250 and sends them: it stores
// each durably, tries each destination until it accepts the message or the time is
// over, and tells the sender what was not delivered.
//
// The order of the files to read:
//
//	message.go     a message: envelope, and one state for each recipient
//	stored.go      the stored form of a message, and the checksum of its body
//	store.go       Store: where messages are kept (package directory: files;
//	               package storetest: what every store must do)
//	queue.go       Queue: Open, Accept, Run
//	carrier.go     Carrier: what delivers a message; observer.go: what is reported
//	entry.go       the index: what is kept in memory of each message
//	destination.go the schedule of a destination: when it is tried, how often at a time
//	schedule.go    which entry is sent next
//	order.go       the order of the mails about one meeting to one recipient
//	attempt.go     one attempt; conclude.go: its results; worker.go: the goroutines that make them
//	expire.go      when a recipient is given up, and when the sender is told of a delay
//	notify.go      notifications to the sender
//	shared.go      what is different where several relays share a store
//	operations.go  what an administrator does: List, Show, Retry, Hold, …; bounce.go: Bounce
//
// The life of a message: Accept stores it and returns; the message is then indexed,
// one entry for each destination of its recipients. A destination with a free place
// sends its oldest entry that is due. Recipients that are refused permanently, or too
// late, are reported to the sender; the notification is stored before the state of
// the recipient is changed, so that a crash repeats a notification and never loses
// one. While a sender has got too many, the message stays until he can be told. When
// no recipient is left, the message is removed.
//
// A [Carrier] does the delivery itself: the package knows neither SMTP nor the
// repair of meetings, which happens at delivery. What is stored is the message as it
// was received.
//
// The package never reports a message as accepted before it is durable; never removes
// one while a recipient is queued; never sends a notification about a notification;
// and never lets a mail about a meeting overtake an earlier one about the same meeting
// to the same recipient.
package queue
