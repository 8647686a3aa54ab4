package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// env is what a command may use of the process: arguments, environment, streams, clock.
type env struct {
	args    []string // without the program's name
	environ []string // NAME=value
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	now     func() time.Time
	events  *eventHandler // the Event Log; nil where there is none
	logFile string        // the log when the configuration names no file; "": standard error
}

// Exit codes of all commands. fix has meanings of its own for 1 and 2.
const (
	exitOK      = 0
	exitProblem = 1
	exitUsage   = 3
)

// exitError ends the program with an exit status. With a nil err nothing is written
// to standard error: the command has printed the reason.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// usageError makes err an error of usage: exit code 3 and a hint at --help.
func usageError(format string, args ...any) error {
	return exitError{exitUsage, fmt.Errorf(format, args...)}
}

// run executes the command line and returns the exit code.
func run(e *env) int {
	root := newRootCmd(e)
	root.SetArgs(e.args)
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.SilenceErrors = true
	root.SilenceUsage = true
	// Whatever fails before a command runs is a fault of the command line:
	// unknown commands and flags, too many arguments.
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }

	cmd, err := root.ExecuteC()
	if err == nil {
		return exitOK
	}
	code := exitProblem
	if exit, ok := errors.AsType[exitError](err); ok {
		code = exit.code
		err = exit.err
	} else if !started {
		code = exitUsage
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "reconvene: %v\n", err)
		if code == exitUsage {
			fmt.Fprintf(e.stderr, "Run \"%s --help\" for the usage.\n", cmd.CommandPath())
		}
	}
	return code
}
