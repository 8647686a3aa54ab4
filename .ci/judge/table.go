package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// compare lists every change, those of receivers.allow marked. A row there is
// kind, receiver, file and reason.
func compare(files []*file, allowed [][]string) (out []change) {
	for _, f := range files {
		for _, receiver := range slices.Sorted(maps.Keys(f.before)) {
			for _, c := range f.changes(receiver) {
				c.exception = slices.ContainsFunc(allowed, c.matches)
				out = append(out, c)
			}
		}
	}
	return out
}

func (c change) matches(row []string) bool {
	return len(row) == 4 && row[0] == c.kind && row[1] == c.receiver && row[2] == c.file.name && row[3] != ""
}

// totals are the verdicts of a receiver on a set of files.
type totals struct{ accept, warn, reject int }

func (t totals) String() string {
	return fmt.Sprintf("%d + %d | %d", t.accept, t.warn, t.reject)
}

func count(files []*file, receiver string, microsoft, after bool) (t totals) {
	for _, f := range files {
		if microsoft && !f.microsoft {
			continue
		}
		a := f.before[receiver]
		if after {
			a = f.after[receiver]
		}
		switch a.Verdict {
		case "accept":
			t.accept++
		case "warn":
			t.warn++
		case "reject":
			t.reject++
		}
	}
	return t
}

func printTotals(files []*file, changes []change) {
	receivers, ours := map[string]bool{}, 0
	for _, f := range files {
		for receiver := range f.before { // one that found no calendar may leave its answer out
			receivers[receiver] = true
		}
		if f.microsoft {
			ours++
		}
	}
	for _, microsoft := range []bool{false, true} {
		title := fmt.Sprintf("All %d files", len(files))
		if microsoft {
			title = fmt.Sprintf("The %d files of Exchange, Outlook and Notes", ours)
		}
		fmt.Printf("%s:\n\n", title)
		fmt.Println("| receiver | accepted before | refused | accepted after | refused | newly accepted | newly refused |")
		fmt.Println("| --- | --: | --: | --: | --: | --: | --: |")
		for _, receiver := range slices.Sorted(maps.Keys(receivers)) {
			taken, refused := 0, 0
			for _, f := range files {
				if microsoft && !f.microsoft {
					continue
				}
				if f.before[receiver].Verdict == "reject" && f.after[receiver].took() {
					taken++
				}
			}
			for _, c := range changes {
				if c.kind == "refused" && c.receiver == receiver && (!microsoft || c.file.microsoft) {
					refused++
				}
			}
			fmt.Printf("| %s | %v | %v | %d | %d |\n", receiver, count(files, receiver, microsoft, false), count(files, receiver, microsoft, true), taken, refused)
		}
		fmt.Println()
	}
}

// printChanges counts what the receivers read differently, by the findings
// that announce it.
func printChanges(changes []change) {
	fmt.Println("| seen differently | findings that say so | receivers | answers | files |")
	fmt.Println("| --- | --- | --- | --: | --: |")
	for _, kind := range []string{"METHOD", "UID", "start"} {
		byFinding := map[string][]change{}
		for _, c := range changes {
			if c.kind != kind {
				continue
			}
			ids := slices.Compact(slices.Sorted(slices.Values(c.because)))
			key := strings.Join(ids, ", ")
			if c.exception {
				key = "none: `.ci/receivers.allow` says why"
			}
			byFinding[key] = append(byFinding[key], c)
		}
		for _, key := range slices.Sorted(maps.Keys(byFinding)) {
			receivers, files := map[string]bool{}, map[string]bool{}
			for _, c := range byFinding[key] {
				receivers[c.receiver], files[c.file.name] = true, true
			}
			fmt.Printf("| %s | %s | %s | %d | %d |\n", kind, key, strings.Join(slices.Sorted(maps.Keys(receivers)), ", "), len(byFinding[key]), len(files))
		}
	}
}

// unexplained reports the changes that nothing announces.
func unexplained(changes []change) bool {
	bad := false
	for _, c := range changes {
		if !c.announced() {
			fmt.Fprintf(os.Stderr, "%s\t%s\t%s\t%s\tfor %s\n", c.kind, c.receiver, c.file.name, c.why+c.doubt, c.file.profile)
			bad = true
		}
	}
	return bad
}

// usedRows returns the exceptions that a change needs.
func usedRows(changes []change, allowed [][]string) (out [][]string) {
	for _, row := range allowed {
		if slices.ContainsFunc(changes, func(c change) bool { return c.matches(row) }) {
			out = append(out, row)
		}
	}
	return out
}

// allUsed reports the exceptions that are none any more.
func allUsed(allowed, used [][]string) bool {
	good := true
	for _, row := range allowed {
		if len(row) == 0 || len(row) == 4 && row[0] == "unrepairable" {
			continue
		}
		if !slices.ContainsFunc(used, func(u []string) bool { return slices.Equal(u, row) }) {
			fmt.Fprintf(os.Stderr, "no longer needed, or not four columns: %s\n", strings.Join(row, "\t"))
			good = false
		}
	}
	return good
}
