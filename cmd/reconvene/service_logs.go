package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/reconvene/reconvene/config"
)

// serviceFolderHint is what to do when the service of Windows cannot write a folder.
const serviceFolderHint = `"reconvene service install" gives the service the rights to the folder of its configuration`

// serviceLogs is the folder of the logs of the service of Windows, which has no standard
// error.
func serviceLogs(file string) string { return filepath.Join(filepath.Dir(file), "logs") }

// tryServiceLogs warns when the service of Windows could not write its logs as this user,
// unless the configuration is another one: it does not start then.
func tryServiceLogs(file string) config.Problems {
	if runtime.GOOS != "windows" || file != systemConfig() {
		return nil
	}
	return tryLogs(file, serviceLogs(file))
}

func tryLogs(file, folder string) config.Problems {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		folder = filepath.Dir(folder) // where it will be made
	}
	text, _ := config.TryFolder(folder)
	if text == "" {
		return nil
	}
	return config.Problems{{File: file, Key: "log.file", Warning: true, Hint: serviceFolderHint,
		Text: text + ": if its account cannot write there, either, the service does not start"}}
}
