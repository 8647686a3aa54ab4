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

// SystemState returns the state directory of an installed Reconvene.
func SystemState() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(`C:\ProgramData`, "Reconvene", "state")
	}
	return "/var/lib/reconvene"
}
