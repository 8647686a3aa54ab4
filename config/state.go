package config

import (
	"os"
	"path/filepath"
	"runtime"
)

// StateDirectory is where what is remembered lies; "" means nowhere. A folder
// that nobody named counts when it exists.
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

// SystemState is where an installed Reconvene keeps what it remembers.
func SystemState() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(`C:\ProgramData`, "Reconvene", "state")
	}
	return "/var/lib/reconvene"
}
