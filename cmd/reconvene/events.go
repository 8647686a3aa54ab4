package main

import "log/slog"

// eventKind is an event of the Windows Event Log with its number. Numbers are an
// interface: monitoring depends on them, so that a number never gets another
// meaning.
type eventKind struct {
	ID    uint32
	Msg   string     // the word under msg in the log; "" where there is no such line
	Level slog.Level // the lowest level at which it is an event
	Title string     // the first line of the event's text
	Do    string     // what an administrator does about it
}

// Events that are no lines of the log: there is none yet, a host that failed
// delivers again, or the log itself is concerned.
const (
	eventStartFailed  = 1003
	eventHopRestored  = 1201
	eventLogFailed    = 1600
	eventLogRecovered = 1601
)

// eventKinds are the lines of the log that are also events: what an administrator
// who does not read the log must know. Single messages are not among them.
var eventKinds = []eventKind{
	{1000, "started", slog.LevelInfo, "Reconvene has started.", "Nothing."},
	{1001, "stopped", slog.LevelInfo, "Reconvene has stopped.", "Nothing if it was stopped on purpose. If it stopped with an error, some transactions were aborted; the clients send these messages again."},
	{1002, "stopping", slog.LevelInfo, "Reconvene stops when running transactions have finished.", "Nothing."},
	{eventStartFailed, "", slog.LevelError, "Reconvene could not start.", `Correct the error in the text, run "reconvene check", and start the service again.`},
	{1100, "config-loaded", slog.LevelInfo, "A configuration is in use.", "Nothing."},
	{1101, "config-rejected", slog.LevelError, "The changed configuration has errors; the previous one stays in use.", "Correct the line that the text names; the file is read again when it is saved."},
	{1102, "config-warning", slog.LevelWarn, "A setting of the configuration may be wrong.", "Read the text; run \"reconvene check\"."},
	{1200, "nexthop-failed", slog.LevelWarn, "A next hop cannot be used.", "Run \"reconvene check --probe\". Exchange keeps what cannot be delivered in its own queue."},
	{eventHopRestored, "", slog.LevelInfo, "A next hop that failed has accepted a message.", "Nothing."},
	{1202, "nexthop-unencrypted", slog.LevelWarn, "Mail is sent to a next hop without TLS because a handshake failed.", `Repair TLS there, or set tls = "required" to defer mail instead.`},
	{1300, "certificate-ends", slog.LevelWarn, "A certificate ends soon, or has ended.", "Renew it. A changed file is reloaded; a certificate in the certificate store of Windows within an hour."},
	{1400, "recipient", slog.LevelWarn, "An attendee did not get the change to a meeting: it was refused, or sent only as a text.", `Run "reconvene meetings not-notified" and inform the organizer.`},
	{1401, "not-notified", slog.LevelWarn, "An attendee does not know of the newest revision of a meeting.", `Run "reconvene meetings not-notified": it says why and what to do.`},
	{1500, "ledger-failed", slog.LevelError, "The ledger cannot be written.", "Mail is not affected. Free disk space, or repair the folder that the text names."},
	{1501, "ledger-recovered", slog.LevelWarn, "The ledger can be written again.", `The text says how many records were lost; "reconvene ledger import" reads them from the log.`},
	{1510, "cluster-down", slog.LevelWarn, "The ledger is not shared with the other relays at present.", "Mail is not affected. Start the NATS servers, or correct [cluster] nats."},
	{1512, "cluster-failed", slog.LevelError, "A record is not shared with the other relays.", "Mail is not affected. Raise max_payload of the NATS servers, or max_msg_size of the stream, if it is too large."},
	{1513, "cluster-differs", slog.LevelWarn, "Another relay stores addresses in another form or with another key.", "Make [ledger] addresses and the file ledger.key the same on all relays: otherwise an attendee may be listed as not notified."},
	{1511, "cluster-up", slog.LevelWarn, "The ledger is shared with the other relays again.", "Nothing."},
	{1800, "queue-failed", slog.LevelError, "The queue cannot be read or written.", "Free disk space, or repair the folder that the text names. Clients keep mail that could not be stored."},
	{1803, "queue-recovered", slog.LevelWarn, "Messages can be stored in the queue again.", "Nothing."},
	{1801, "queue-damaged", slog.LevelError, "A message of the queue is damaged.", "It was moved to the folder \"damaged\" of the queue: look at the text beside it, and send the .eml file again if it is complete."},
	{1802, "destination-waiting", slog.LevelWarn, "A destination of the queue cannot be used.", `Run "reconvene queue list". The mail waits in the queue.`},
	{eventLogFailed, "", slog.LevelError, "The log file cannot be written.", "Mail is not affected. Free disk space, or repair the folder that the text names."},
	{eventLogRecovered, "", slog.LevelWarn, "The log file can be written again.", "The line log-recovered in the log says how many lines were lost."},
	{1700, "fault", slog.LevelError, "An internal error occurred; no message was lost.", "Report it with the line of the log."},
}
