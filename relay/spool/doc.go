// Package spool keeps the bodies of messages at rest while they are looked at,
// rewritten and sent: in memory up to a limit, beyond that in a file without a name.
// The order of calls is New, Write until the message is whole, then the readers, then
// Close.
//
// It never keeps a body beyond Close or beyond the life of the process: it is no
// queue.
package spool
