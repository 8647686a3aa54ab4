package main

import "log/slog"

// eventKind is a meaning that the Windows Event Log knows by a number. Numbers are
// an interface: monitoring is built on them, so one is never given another meaning.
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

// eventKinds are the lines of the log that are events, too: what somebody has to
// know who reads no log. Single messages are none.
var eventKinds = []eventKind{
	{1000, "started", slog.LevelInfo, "Reconvene has started.", "Nothing."},
	{1001, "stopped", slog.LevelInfo, "Reconvene has stopped.", "Nothing when it was stopped on purpose. With an error some transactions were cut off; the clients send these messages again."},
	{1002, "stopping", slog.LevelInfo, "Reconvene is stopping when running transactions are finished.", "Nothing."},
	{eventStartFailed, "", slog.LevelError, "Reconvene could not start.", "Correct what the text names, run \"reconvene check\", start the service again."},
	{1100, "config-loaded", slog.LevelInfo, "A configuration is in force.", "Nothing."},
	{1101, "config-rejected", slog.LevelError, "The changed configuration is bad; the one from before stays in force.", "Correct the line that the text names; the file is read again when it is saved."},
	{1102, "config-warning", slog.LevelWarn, "Something about the configuration is doubtful.", "Read the text; run \"reconvene check\"."},
	{1200, "nexthop-failed", slog.LevelWarn, "A next hop cannot be used.", "Run \"reconvene check --probe\". Exchange keeps what cannot be delivered in its own queue."},
	{eventHopRestored, "", slog.LevelInfo, "A next hop that failed has taken a message.", "Nothing."},
	{1202, "nexthop-unencrypted", slog.LevelWarn, "Mail goes to a next hop without TLS because a handshake failed.", "Repair TLS there, or set tls = \"required\" to keep mail back instead."},
	{1400, "recipient", slog.LevelWarn, "An attendee did not get the change to a meeting: refused, or sent as a text only.", "Run \"reconvene meetings not-notified\" and tell the organizer."},
	{1500, "ledger-failed", slog.LevelError, "The store of the ledger cannot be written.", "Mail flows. Make room, or repair the folder that the text names."},
	{eventLogFailed, "", slog.LevelError, "The log file cannot be written.", "Mail flows. Make room, or repair the folder that the text names."},
	{eventLogRecovered, "", slog.LevelWarn, "The log file can be written again.", "The line log-recovered in the log says how many lines were lost."},
	{1700, "fault", slog.LevelError, "Something happened that should not; no message was lost.", "Report it with the line of the log."},
}
