package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/reconvene/reconvene/config"
)

func (s serviceState) print(e *env, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(s)
	}
	switch {
	case !s.Installed:
		_, err := fmt.Fprintf(e.stdout, "the service %s is not installed; run \"reconvene service install\"\n", serviceName)
		return err
	case s.PID != 0:
		_, err := fmt.Fprintf(e.stdout, "the service %s is %s, process %d\n", serviceName, s.State, s.PID)
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "the service %s is %s\n", serviceName, s.State)
	return err
}

// writeSample writes the commented sample where no configuration is, and reports
// whether it did.
func writeSample(file string) (bool, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return false, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = f.WriteString(config.Sample)
	return true, errors.Join(err, f.Close())
}
