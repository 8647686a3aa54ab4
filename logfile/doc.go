// Package logfile reads the log that package relay writes, and tells from it
// what became of a message or a meeting. In the order in which it is called:
//
//	read.go   Lines of files, rotated and compressed ones too
//	line.go   Parse: one line, as text or JSON; other lines are none of ours
//	trace.go  Trace: the messages that are asked for, with all their lines
//	state.go  Meetings: which recipient has which revision
//
// It holds what was asked for and no more, whatever the size of the log, and
// passes over lines that it does not understand. It never changes a file.
package logfile
