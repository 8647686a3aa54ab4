// Package logfile reads the log that package relay writes, and finds in it the result
// of a message or a meeting. In the order in which it is called:
//
//	read.go   Lines of files, rotated and compressed ones too
//	line.go   Parse: one line, as text or JSON; lines of other programs are skipped
//	trace.go  Trace: the messages that a query selects, with all their lines
//	state.go  Meetings: which recipient has which revision
//
// It keeps only what was asked for in memory, whatever the size of the log, and skips
// lines that it cannot parse. It never changes a file.
package logfile
