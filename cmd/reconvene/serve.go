package main

import (
	"os/signal"

	"github.com/spf13/cobra"
)

func newServeCmd(e *env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the relay",
		Long: `Accepts mail from Exchange, repairs meetings, and forwards everything to the next
hop.

Without a configuration file it listens on the loopback interface only and says
what it needs. Changed files (configuration, certificates, users) are reloaded
without dropping a session. If a changed file has an error, the log reports it and
the previous version stays in use.

Signals: SIGTERM or SIGINT (Ctrl-C) stops after running transactions have
finished; a second one stops at once. SIGHUP reloads the configuration and
reopens the log file; SIGUSR1 reopens the log file.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if handled, err := serveAsService(e, file); handled || err != nil {
				return err
			}
			file := configFile(e, file)
			cfg, problems, err := loadConfig(e, file)
			if err != nil {
				return err
			}
			signals := earlySignals()
			defer signal.Stop(signals)
			d, err := startDaemon(e, file, cfg, problems.Warnings())
			if err != nil {
				return err
			}
			return console(d, signals)
		},
	}
	addConfigFlag(cmd, &file)
	return cmd
}
