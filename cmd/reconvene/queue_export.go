package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/control"
	"github.com/reconvene/reconvene/relay/queue/directory"
)

func newQueueExportCmd(e *env) *cobra.Command {
	var f queueFlags
	var all bool
	var output string
	cmd := &cobra.Command{
		Use:   "export [ID…]",
		Short: "Write messages of the queue to files",
		Long: `Writes messages as they are stored, before any repair, with the Received field of
Reconvene: one to standard output, or each to ID.eml in a folder. They stay in the
queue. Existing files are not replaced.`,
		Example: `  reconvene queue export 5f2c9a1b-4 > mail.eml
  reconvene queue export --domain partner.example --output saved`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.read(args); err != nil {
				return err
			}
			if !all && !f.chosen() || all && f.chosen() {
				return usageError("which messages? Name their IDs, or flags that choose them, or --all")
			}
			if output == "" && (all || len(args) != 1) {
				return usageError("several messages need a folder: --output FOLDER")
			}
			return exportQueue(cmd.Context(), e, f, output)
		},
	}
	addConfigFlag(cmd, &f.config)
	f.addFilter(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "all messages of the queue")
	cmd.Flags().StringVarP(&output, "output", "o", "", "the folder; it is made if necessary")
	return cmd
}

func exportQueue(ctx context.Context, e *env, f queueFlags, output string) error {
	folder, err := f.folder(ctx, e)
	if err != nil {
		return err
	}
	var ids []string
	traces := map[string]string{}
	err = eachItem(ctx, e, f.filter, folder, func(i queue.Item) error {
		if _, known := traces[i.Message.ID]; !known {
			traces[i.Message.ID] = i.Message.Trace
			ids = append(ids, i.Message.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return errors.New("no message of the queue matches")
	}
	if output == "" {
		return exportOne(ctx, folder, ids[0], traces[ids[0]], e.stdout)
	}
	if err := os.MkdirAll(output, 0o700); err != nil {
		return err
	}
	for _, id := range ids {
		if err := exportFile(ctx, folder, id, traces[id], filepath.Join(output, id+".eml")); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.stderr, "%s written to %s\n", plural(len(ids)), output)
	for _, id := range f.filter.IDs {
		if !slices.Contains(ids, id) {
			return fmt.Errorf("%s is not in the queue", visible(id))
		}
	}
	return nil
}

// exportFile writes a message to a new file; after an error there is none.
func exportFile(ctx context.Context, folder, id, trace, name string) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = exportOne(ctx, folder, id, trace, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// exportOne writes a message.
func exportOne(ctx context.Context, folder, id, trace string, w io.Writer) error {
	_, err := control.Ask(ctx, folder, control.Request{Do: control.Export, Filter: queue.Filter{IDs: []string{id}}}, func(r control.Reply) error {
		_, err := w.Write(r.Body)
		return err
	})
	if !errors.Is(err, control.ErrNotRunning) {
		return permissionHint(err)
	}
	body, err := directory.ReadBody(folder, id)
	if err != nil {
		return permissionHint(err)
	}
	defer body.Close()
	if _, err := io.WriteString(w, trace); err != nil {
		return err
	}
	_, err = io.Copy(w, io.NewSectionReader(body, 0, body.Size()))
	return err
}
