package main

import "github.com/spf13/cobra"

func newServeCmd(e *env) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the relay",
		Long: `Takes mail from Exchange, repairs meetings, and hands everything to the next hop.

Without a configuration file it listens on this machine only and says what it
needs. Changed files (configuration, certificates, users) are picked up without
dropping a session; a bad one is reported in the log and the old one stays.

Signals: SIGTERM or SIGINT (Ctrl-C) stops when running transactions are finished,
a second one stops at once. SIGHUP reads the configuration and opens the log file
again; SIGUSR1 opens the log file again.`,
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
			d, err := startDaemon(e, file, cfg, problems.Warnings())
			if err != nil {
				return err
			}
			return console(d)
		},
	}
	addConfigFlag(cmd, &file)
	return cmd
}
