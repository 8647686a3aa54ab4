package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// The page about the commands names each flag and each profile there is.
func TestCommandsPage(t *testing.T) {
	b, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	e := &env{}
	newLogTraceCmd(e).Flags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(page, "--"+f.Name) {
			t.Errorf("log trace: --%s is not described", f.Name)
		}
	})
	for _, cmd := range []*cobra.Command{newLogCmd(e), newFixCmd(e), newInspectCmd(e), newRemediesCmd(e), newDemoCmd(e), newTNEFCmd(e), newStatusCmd(e), newServiceCmd(e), newQueueCmd(e)} {
		if !strings.Contains(page, "\n## "+cmd.Name()+"\n") {
			t.Errorf("no section about %s", cmd.Name())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(page, "--"+f.Name) {
				t.Errorf("%s: --%s is not described", cmd.Name(), f.Name)
			}
		})
	}
	for _, cmd := range newQueueCmd(e).Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(page, "`"+cmd.Name()+"`") || f.Name != "config" && !strings.Contains(page, "--"+f.Name) {
				t.Errorf("queue %s: --%s is not described", cmd.Name(), f.Name)
			}
		})
	}
	for _, p := range remedy.Profiles() {
		if !strings.Contains(page, "`"+string(p)+"`") {
			t.Errorf("the profile %s is not named", p)
		}
	}
}
