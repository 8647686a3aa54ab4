package ledger

import "time"

// Hurry makes the timed work of a ledger come at once.
func (o *Options) Hurry() { o.watchEvery, o.pruneEvery = 5*time.Millisecond, 5*time.Millisecond }
