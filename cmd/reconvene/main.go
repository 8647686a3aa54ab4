// Command reconvene repairs meeting messages between Microsoft Exchange and the
// internet. Each command has a file of its own; main.go lists them.
package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(&env{
		args:    os.Args[1:],
		environ: os.Environ(),
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
		now:     time.Now,
	}))
}

// newRootCmd adds the commands, each by its constructor.
func newRootCmd(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "reconvene",
		Short: "An SMTP smart host that repairs meeting messages from Microsoft Exchange",
		Long: `Reconvene sits between Microsoft Exchange and the internet. It recognises meeting
messages, repairs the calendar so that other systems accept it, forwards them,
and logs what it did. All other mail passes unchanged, byte for byte.

Start with "reconvene demo", which needs no configuration.`,
	}
	root.Version = release
	root.SetVersionTemplate("reconvene {{.Version}}\n")
	root.AddCommand(
		newCheckCmd(e),
		newFixCmd(e),
		newInspectCmd(e),
		newManCmd(e),
		newLogCmd(e),
		newMeetingsCmd(e),
		newLedgerCmd(e),
		newReceiversCmd(e),
		newQueueCmd(e),
		newDemoCmd(e),
		newDKIMCmd(e),
		newRemediesCmd(e),
		newServeCmd(e),
		newServiceCmd(e),
		newStatusCmd(e),
		newTNEFCmd(e),
		newVersionCmd(e),
	)
	return root
}
