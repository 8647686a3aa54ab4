package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version: of the next tag, or the one that packaging/build was given. It is
// set when the program is linked and never changed afterwards.
var release = "0.1.0"

// build is the version of the program and of what it was built from.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"` // of the source; "" when it was built outside of a checkout
	Date     string `json:"date,omitempty"`   // of that commit, RFC 3339
	Modified bool   `json:"modified"`         // the checkout had changes of its own
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func thisBuild() build {
	b := build{Version: release, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func newVersionCmd(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version, the commit it was built from, and the Go release",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if asJSON {
				return json.NewEncoder(e.stdout).Encode(b)
			}
			commit := b.Commit
			switch {
			case commit == "":
				commit = "unknown"
			case b.Date != "":
				commit += " of " + b.Date
			}
			if b.Modified {
				commit += " with local changes"
			}
			_, err := fmt.Fprintf(e.stdout, "reconvene %s\ncommit   %s\nbuilt by %s for %s\n", b.Version, commit, b.Go, b.Platform)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
