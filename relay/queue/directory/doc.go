// Package directory keeps the queue in a directory that an administrator can look
// into. Each message is two files:
//
//	ID.eml    the message as it was received
//	ID.json   the envelope, and one state for each recipient (see queue.Message)
//
// The order of the files to read: store.go (open, create, update, remove), commit.go
// (how a message becomes durable), journal.go, record.go and pending.go (the same
// for small messages), load.go (what is found at the start), recover.go (what the journal knows of
// it) and resume.go (the same with a full disk), read.go (a look without a server), fs.go (the file system below; os_*.go and
// sync_*.go where systems differ).
//
// A message is written under the names ID.new and ID.json.new, which are then renamed.
// A large one has both files synced before that and the directory after it; only then
// Commit returns. The syncs of the directory are gathered: concurrent messages share
// one. A small one is appended to the journal, and Commit returns when that was synced.
// Its files are written when it is still there after a moment, or changes, and synced
// when the journal's file is full. A change of state is a new ID.json.new that is
// synced and renamed. A message is removed in four steps: ID.json is renamed to ID.gone,
// the journal notes the removal, ID.eml and then ID.gone are deleted. So every state in
// which the process or the machine can end is recognised at the next start:
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
