package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run the real program in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"reconvene": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"sameas": sameAs,
		},
		Setup: func(env *testscript.Env) error {
			golden, err := os.Getwd()
			if err != nil {
				return err
			}
			env.Setenv("MEETINGS", golden+"/../../testdata/meetings")
			env.Setenv("NO_COLOR", "")
			return nil
		},
	})
}

// exits runs a program and asks for an exit code: exits CODE PROGRAM ARG…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sameAs compares what a program printed with a file, octet by octet.
func sameAs(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: sameas FILE")
	}
	if same := ts.ReadFile("stdout") == ts.ReadFile(args[0]); same == neg {
		ts.Fatalf("standard output is the same as %s: %v", args[0], same)
	}
}
