package main

import (
	"os"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/directory"
)

// openStore opens the queue of a configuration; nil when it needs none. A folder that
// is there is used also without a listener that needs it: it may have mail.
func openStore(cfg *config.Config) (queue.Store, error) {
	folder := cfg.QueueDirectory()
	if folder == "" {
		return nil, nil
	}
	if !cfg.UsesQueue() {
		if _, err := os.Stat(folder); err != nil {
			return nil, nil
		}
	}
	store, err := directory.Open(folder)
	if err != nil {
		return nil, err
	}
	return store, nil
}

// closeStore closes a store that no server has taken; nil is none.
func closeStore(store queue.Store) {
	if store != nil {
		store.Close()
	}
}
