// Package spool stores the bodies of messages while they are examined, rewritten and
// sent: in memory up to a limit, beyond that in a file without a name. The order of
// calls is New, Write until the message is complete, then the readers, then Close.
//
// It never keeps a body after Close or after the end of the process: it is not a
// queue.
package spool
