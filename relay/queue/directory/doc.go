// Package directory keeps the queue in a directory that an administrator can look
// into. Each message is two files:
//
//	ID.eml    the message as it was received
//	ID.json   the envelope, and one state for each recipient (see queue.Message)
//
// The order of the files to read: store.go (open, create, update, remove), commit.go
// (how a message becomes durable), load.go (what is found at the start), fs.go (the
// file system below; os_unix.go and os_windows.go where systems differ).
//
// A message is written under the names ID.new and ID.json.new, both are synced,
// renamed, and then the directory is synced; only then Commit returns. The syncs of
// the directory are gathered: concurrent messages share one. A change of state is a
// new ID.json.new that is synced and renamed. A message is removed in three steps:
// ID.json is renamed to ID.gone, ID.eml is deleted, ID.gone is deleted. So every state
// in which the process or the machine can end is recognised at the next start:
//
//	ID.json with ID.eml      a message
//	ID.json with ID.new      a message whose second rename is missing
//	ID.gone                  a message that was being removed
//	ID.new, ID.json.new      a message that was never committed
//	anything else            damage: moved to the folder damaged, and reported
//
// One process uses a directory at a time (the file "lock"). The package never deletes
// a body of which it does not know that the message was never committed or has been
// removed by Remove.
package directory
