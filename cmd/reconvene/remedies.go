package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// remedyRow is one element of "remedies --json".
type remedyRow struct {
	ID       string           `json:"id"`
	Status   string           `json:"status"` // standard, profile, opt-in or diagnosis
	Profiles []remedy.Profile `json:"profiles"`
	Except   []remedy.Profile `json:"except,omitempty"`
	Own      []remedy.Profile `json:"own,omitempty"`       // instead of Profiles, on the way in
	Way      string           `json:"direction,omitempty"` // outbound or inbound, when it is not both
	Facets   []string         `json:"facets"`
	Summary  string           `json:"summary"`
	Why      string           `json:"why"`
	Source   string           `json:"source"`
}

func newRemediesCmd(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "remedies [ID]",
		Short: "List the remedies; with an ID: what it changes, why, and for which receivers",
		Long: `Lists all remedies, in the order in which they run.

standard   repaired for every receiver
profile    repaired only for the profiles listed
opt-in     repaired if "enable" under [rewrite] lists it, otherwise reported
diagnosis  reported, never changed: no repair is safe

To switch a remedy off, add its ID to "disable" under [rewrite]. The command also
explains the IDs of known defects that Reconvene does not handle itself.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return showRemedy(e, args[0], asJSON)
			}
			return listRemedies(e, asJSON)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range remedy.All() {
				ids = append(ids, r.ID+"\t"+r.Summary)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listRemedies(e *env, asJSON bool) error {
	all := remedy.All()
	if asJSON {
		rows := make([]remedyRow, len(all))
		for i, r := range all {
			rows[i] = newRemedyRow(r)
		}
		return writeJSON(e.stdout, rows)
	}
	s := newStyle(e, e.stdout)
	width := len("id")
	for _, r := range all {
		width = max(width, len(r.ID))
	}
	fmt.Fprintln(e.stdout, s.bold(fmt.Sprintf("%-*s  %-9s  %s", width, "id", "status", "what it does")))
	for _, r := range all {
		status := fmt.Sprintf("%-9s", r.Status())
		switch r.Status() {
		case "standard":
			status = s.green(status)
		case "profile", "opt-in":
			status = s.cyan(status)
		default:
			status = s.yellow(status)
		}
		fmt.Fprintf(e.stdout, "%-*s  %s  %s\n", width, r.ID, status, r.Summary+forWhom(r))
	}
	fmt.Fprintf(e.stdout, `
%d remedies. "reconvene remedies ID" explains one.
`, len(all))
	return nil
}

// forWhom names the receivers of a remedy that not everybody gets.
func forWhom(r *remedy.Remedy) string {
	switch {
	case r.Way == remedy.OnlyIn && !r.Never:
		return " (inbound to " + joinProfiles(r.Profiles) + ")"
	case r.Status() == "profile", r.OptIn && !r.Includes(remedy.Standard):
		return " (" + joinProfiles(r.Profiles) + ")"
	case len(r.Except) > 0:
		return " (not for " + joinProfiles(r.Except) + ")"
	default:
		return ""
	}
}

func joinProfiles(ps []remedy.Profile) string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

func showRemedy(e *env, id string, asJSON bool) error {
	r := remedy.Find(id)
	if x := remedy.FindExcused(id); x != nil {
		return showExcused(e, *x, asJSON)
	}
	if r == nil {
		return usageError("there is no remedy %q; \"reconvene remedies\" lists them%s", visible(id), similarRemedies(id))
	}
	row := newRemedyRow(r)
	if asJSON {
		return writeJSON(e.stdout, row)
	}
	facets := "nothing that people see"
	if len(row.Facets) > 0 {
		facets = strings.Join(row.Facets, ", ")
	}
	showEntry(e, r.ID, [][2]string{{"what", r.Summary}, {"why", r.Why}, {"applied for", receivers(r)}, {"may change", facets}, {"source", r.Source}})
	return nil
}

// receivers returns who gets a remedy.
func receivers(r *remedy.Remedy) string {
	if r.Never {
		return "none: it is reported, never changed"
	}
	who := joinProfiles(r.Profiles)
	if r.Includes(remedy.Standard) {
		who = "every receiver"
	}
	if len(r.Except) > 0 {
		who += ", except " + joinProfiles(r.Except)
	}
	switch {
	case r.Way == remedy.OnlyIn:
		who = "inbound messages to " + who
	case r.Way == remedy.OnlyOut:
		who += ", outbound"
	case r.Own != nil:
		who += "; inbound " + joinProfiles(r.Own)
	}
	if r.OptIn {
		who += ", if enabled"
	}
	return who
}

// showEntry prints what is known of one ID.
func showEntry(e *env, id string, fields [][2]string) {
	s := newStyle(e, e.stdout)
	fmt.Fprintln(e.stdout, s.bold(id))
	for _, f := range fields {
		text := strings.TrimLeft(wrap(f[1], strings.Repeat(" ", 14), 90), " ")
		fmt.Fprintf(e.stdout, "  %s%s\n", s.dim(fmt.Sprintf("%-12s", f[0])), text)
	}
}

// excusedRow is the JSON of a known defect that has no remedy of its own.
type excusedRow struct {
	ID     string   `json:"id"`
	Status string   `json:"status"` // excused
	Why    string   `json:"why"`
	See    []string `json:"see"`
}

// showExcused prints why there is no remedy for a known defect.
func showExcused(e *env, x remedy.Excused, asJSON bool) error {
	if asJSON {
		return writeJSON(e.stdout, excusedRow{x.ID, "excused", x.Why, append([]string{}, x.See...)})
	}
	fields := [][2]string{{"what", "a known defect without a remedy of its own"}, {"why", x.Why}}
	if len(x.See) > 0 {
		fields = append(fields, [2]string{"covered by", strings.Join(x.See, ", ")})
	}
	showEntry(e, x.ID, fields)
	return nil
}

// similarRemedies offers IDs that share a word with a mistyped one.
func similarRemedies(id string) string {
	var near []string
	for _, r := range remedy.All() {
		for _, word := range strings.Split(strings.ToLower(id), "-") {
			if len(word) > 2 && strings.Contains(r.ID, word) && len(near) < 5 {
				near = append(near, r.ID)
				break
			}
		}
	}
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + strings.Join(near, ", ") + "?)"
}

func newRemedyRow(r *remedy.Remedy) remedyRow {
	row := remedyRow{ID: r.ID, Status: r.Status(), Profiles: r.Profiles, Except: r.Except, Own: r.Own, Facets: r.Facets.Names(), Summary: r.Summary, Why: r.Why, Source: r.Source}
	switch r.Way {
	case remedy.OnlyIn:
		row.Way = "inbound"
	case remedy.OnlyOut:
		row.Way = "outbound"
	}
	if row.Profiles == nil {
		row.Profiles = []remedy.Profile{}
	}
	return row
}

// writeJSON prints a value for machines that people may read too.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
