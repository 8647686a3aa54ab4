package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The receivers that handle invitations, and the strictest checker, with the
// share of the scheduling files that each must take at least.
var mustTake = []struct {
	receiver string
	percent  int
}{
	{"libical-itip", 98}, {"kcal-itip", 98}, {"sabre", 98}, {"ical.js", 98}, {"golang-ical", 98}, {"go-ical", 98}, {"py-vobject", 98},
	{"rules-5546", 90},
}

// profiles lists those that a folder has answers for, standard excepted.
func profiles(folder string) (out []string) {
	names, _ := filepath.Glob(filepath.Join(folder, "*.report.json"))
	for _, name := range names {
		if p := strings.TrimSuffix(filepath.Base(name), ".report.json"); p != standard {
			out = append(out, p)
		}
	}
	return out
}

// scheduling picks the requests, updates and cancellations of Exchange,
// Outlook and Notes.
func scheduling(files []*file) (out []*file) {
	for _, f := range files {
		if f.microsoft && (f.method == "REQUEST" || f.method == "CANCEL") {
			out = append(out, f)
		}
	}
	return out
}

// verdicts are the answers of all receivers to one file.
type verdicts map[string]answer

// row is a line of the table: who takes how many of the files.
func row(title string, all []verdicts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %d |", title, len(all))
	for _, m := range mustTake {
		fmt.Fprintf(&b, " %s |", share(all, m.receiver))
	}
	return b.String()
}

func took(all []verdicts, receiver string) (n int) {
	for _, v := range all {
		if v[receiver].took() {
			n++
		}
	}
	return n
}

func share(all []verdicts, receiver string) string {
	if len(all) == 0 {
		return "-"
	}
	n := took(all, receiver)
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(len(all)))
}

// printScheduling says for each profile who takes the scheduling files, lists
// those that not everybody takes, and reports whether enough do.
func printScheduling(files []*file, others map[string][]*file, mailed map[string]map[string]answer, allowed [][]string) bool {
	ours := scheduling(files)
	var before, inMail []verdicts
	after := map[string][]verdicts{}
	repairable := map[string][]verdicts{}
	for _, f := range ours {
		before = append(before, f.before)
		if v := mailed[f.name+".eml"]; v != nil {
			inMail = append(inMail, v)
		} else {
			inMail = append(inMail, f.after) // it came in a mail
		}
	}
	for _, profile := range append([]string{standard}, slices.Sorted(maps.Keys(others))...) {
		for _, f := range ours {
			v := f.after
			if i := slices.IndexFunc(others[profile], func(o *file) bool { return o.name == f.name }); i >= 0 {
				v = others[profile][i].after
			}
			after[profile] = append(after[profile], v)
			if reasonOf(f, allowed) == "" {
				repairable[profile] = append(repairable[profile], v)
			}
		}
	}
	fmt.Printf("\nThe requests, updates and cancellations of Exchange, Outlook and Notes:\n\n| | files |")
	for _, m := range mustTake {
		fmt.Printf(" %s |", m.receiver)
	}
	fmt.Println("\n| --- | --: |" + strings.Repeat(" --: |", len(mustTake)))
	fmt.Println(row("as they are", before))
	good := true
	for _, profile := range append([]string{standard}, slices.Sorted(maps.Keys(others))...) {
		fmt.Println(row("after `"+profile+"`", after[profile]))
		fmt.Println(row("… those that can be repaired", repairable[profile]))
		good = enough(profile, repairable[profile]) && good
	}
	fmt.Println(row("after `standard`, each in a mail", inMail))
	printRefused(ours, allowed)
	return good
}

func enough(profile string, all []verdicts) bool {
	good := true
	for _, m := range mustTake {
		if n := took(all, m.receiver); n*100 < len(all)*m.percent {
			fmt.Fprintf(os.Stderr, "%s: %s takes %d of %d files, wanted are %d %%\n", profile, m.receiver, n, len(all), m.percent)
			good = false
		}
	}
	return good
}

// reasonOf returns why a file cannot be repaired, "" when nothing says so.
func reasonOf(f *file, allowed [][]string) string {
	for _, r := range allowed {
		if len(r) == 4 && r[0] == "unrepairable" && r[2] == f.name {
			return r[3]
		}
	}
	return ""
}

// printRefused lists the scheduling files that not everybody takes.
func printRefused(files []*file, allowed [][]string) {
	fmt.Println("\n| file | not accepted by | why it cannot be repaired |\n| --- | --- | --- |")
	for _, f := range files {
		var who []string
		for _, m := range mustTake {
			if !f.after[m.receiver].took() {
				who = append(who, m.receiver)
			}
		}
		if len(who) > 0 {
			fmt.Printf("| %s | %s | %s |\n", f.name, strings.Join(who, ", "), reasonOf(f, allowed))
		}
	}
}
