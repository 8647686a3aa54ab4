package config

import (
	"os"
	"path/filepath"
	"runtime"
)

// StateDirectory returns the state directory; "" means none. The default directory
// counts only if it exists.
func (c *Config) StateDirectory() string {
	switch dir := c.State.Directory; dir {
	case "none":
		return ""
	case "":
		if info, err := os.Stat(SystemState()); err == nil && info.IsDir() {
			return SystemState()
		}
		return ""
	default:
		return dir
	}
}

// QueueDirectory returns the folder of the queue; "" when there is none.
func (c *Config) QueueDirectory() string {
	if c.Queue.Directory != "" {
		return c.Queue.Directory
	}
	if state := c.StateDirectory(); state != "" {
		return filepath.Join(state, "spool")
	}
	return ""
}

// UsesQueue reports whether a listener stores mail in the queue.
func (c *Config) UsesQueue() bool {
	for _, l := range c.Listeners {
		if l.Handoff == HandoffQueue {
			return true
		}
	}
	return false
}

// SystemState returns the state directory of an installed Reconvene.
func SystemState() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(`C:\ProgramData`, "Reconvene", "state")
	}
	return "/var/lib/reconvene"
}
