package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
)

// addConfigFlag gives a command --config.
func addConfigFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "",
		"the configuration file (default: "+config.EnvFile+", ./reconvene.toml, or "+systemConfig()+")")
	_ = cmd.MarkFlagFilename("config", "toml")
}

// configFile is the file to read: the one that was named, else the first that
// exists. Where an editor has added .txt to its name, it is the one that is missing, so
// that its error says so. "" means that there is none.
func configFile(e *env, named string) string {
	if named != "" {
		return named
	}
	if file := e.getenv(config.EnvFile); file != "" {
		return file
	}
	places := []string{"reconvene.toml", systemConfig()}
	for _, suffix := range []string{"", ".txt"} {
		for _, file := range places {
			if _, err := os.Stat(file + suffix); err == nil {
				return file
			}
		}
	}
	return ""
}

// systemConfig is where an installed Reconvene has its configuration.
func systemConfig() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(`C:\ProgramData`, "Reconvene", "reconvene.toml")
	}
	return "/etc/reconvene/reconvene.toml"
}

// loadConfig reads the configuration for a command that needs a good one. The
// problems, when it is bad, are on standard error then.
func loadConfig(e *env, file string) (*config.Config, config.Problems, error) {
	cfg, problems := config.Load(file, e.environ)
	if cfg != nil {
		return cfg, problems, nil
	}
	for _, p := range problems {
		fmt.Fprintln(e.stderr, p)
	}
	return nil, problems, fmt.Errorf(`the configuration cannot be used; correct the errors above, then run "reconvene check"`)
}
