package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newManCmd makes the command that writes the man pages. It is hidden: packages
// call it when they are built.
func newManCmd(e *env) *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the man pages of all commands into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if info, err := os.Stat(args[0]); err != nil {
				return err
			} else if !info.IsDir() {
				return fmt.Errorf("%s is not a folder", args[0])
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // it holds the day on which the pages were made
			date := time.Unix(0, 0).UTC()
			if b := thisBuild(); b.Date != "" {
				if at, err := time.Parse(time.RFC3339, b.Date); err == nil {
					date = at
				}
			}
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "Reconvene " + release, Manual: "Reconvene", Date: &date}, args[0])
		},
	}
}
