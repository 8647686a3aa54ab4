package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reading is what one program reads in the calendars of a file: what the
// programs in ../readers print.
type reading struct {
	Error      string      `json:"error"`
	Method     string      `json:"method"`
	Components []component `json:"components"`
	late       bool
}

// component is an event or a task. A time is in UTC, floating, a date,
// "unresolved:ZONE" or "invalid".
type component struct {
	Kind        string   `json:"kind"`
	UID         string   `json:"uid"`
	RID         string   `json:"rid"`
	Start       string   `json:"start"`
	End         string   `json:"end"`
	Occurrences []string `json:"occurrences"` // the first ten, each exception in its place
	Organizer   string   `json:"organizer"`
	Attendees   []string `json:"attendees"`
	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Location    string   `json:"location"`
}

// sides are a file with what each reader makes of it before and after.
type sides struct {
	*file
	readBefore, readAfter map[string]reading
}

// facet is one thing that people see of a component.
type facet struct {
	name  string
	value func(component) string
	time  bool
}

func facets() []facet {
	return []facet{
		{"start", func(c component) string { return c.Start }, true},
		{"end", func(c component) string { return c.End }, true},
		{"occurrences", func(c component) string { return strings.Join(c.Occurrences, " ") }, true},
		{"exception", func(c component) string { return c.RID }, true},
		{"uid", func(c component) string { return c.UID }, false},
		{"organizer", func(c component) string { return address(c.Organizer) }, false},
		{"attendees", func(c component) string {
			var all []string
			for _, a := range c.Attendees {
				all = append(all, address(a))
			}
			return strings.Join(slices.Sorted(slices.Values(all)), " ")
		}, false},
		{"summary", func(c component) string { return c.Summary }, false},
		{"description", func(c component) string { return c.Description }, false},
		{"location", func(c component) string { return c.Location }, false},
	}
}

// address is an address without what nobody tells apart: the letter case.
func address(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "mailto:")
}

// clear reports whether a time can be compared: the reader knew what it is.
func clear(s string) bool {
	return !strings.Contains(s, "unresolved:") && !strings.Contains(s, "invalid")
}

// differences compares what one reader reads.
func (s *sides) differences(reader string) (out []change) {
	a, b := s.readBefore[reader], s.readAfter[reader]
	add := func(kind, why, doubt string) {
		out = append(out, change{kind: kind, file: s.file, receiver: reader, why: why, because: s.declared(kind), doubt: doubt})
	}
	if a.Error != "" || len(a.Components) == 0 {
		return nil // whoever could not read it may read anything now
	}
	if b.Error != "" || len(b.Components) == 0 {
		add("unreadable", b.Error, "")
		return out
	}
	if a.Method != b.Method {
		add("method", a.Method+" → "+b.Method, "")
	}
	if len(a.Components) != len(b.Components) {
		add("components", fmt.Sprintf("%d → %d", len(a.Components), len(b.Components)), "")
		return out
	}
	seen := map[string]bool{}
	for i, pair := range paired(a.Components, b.Components) {
		for _, f := range facets() {
			was, is := f.value(pair[0]), f.value(pair[1])
			if was == is || f.time && !clear(was) || seen[f.name] {
				continue
			}
			seen[f.name] = true
			doubt := ""
			if f.time {
				doubt = s.alone(reader, f, is)
			}
			add(f.name, fmt.Sprintf("component %d: %q → %q", i+1, was, is), doubt)
		}
	}
	return out
}

// paired puts components beside each other: those of the same UID and
// RECURRENCE-ID first, the others in their order.
func paired(a, b []component) (out [][2]component) {
	rest := slices.Clone(b)
	var open []component
	for _, x := range a {
		i := slices.IndexFunc(rest, func(y component) bool { return x.Kind == y.Kind && x.UID == y.UID && x.RID == y.RID })
		if i < 0 {
			open = append(open, x)
			continue
		}
		out = append(out, [2]component{x, rest[i]})
		rest = slices.Delete(rest, i, i+1)
	}
	for i, x := range open {
		out = append(out, [2]component{x, rest[i]})
	}
	return out
}

// alone returns why a new time is not believed: no other reader reads it, neither
// now nor before.
func (s *sides) alone(reader string, f facet, value string) string {
	for _, all := range []map[string]reading{s.readBefore, s.readAfter} {
		for name, r := range all {
			if name != reader && slices.ContainsFunc(r.Components, func(c component) bool { return f.value(c) == value }) {
				return ""
			}
		}
	}
	return ", which no other reader reads"
}

// meaning compares what the readers read before and after, and reports whether
// a finding declares each difference.
func meaning(folder, programs, node, allow string) (good bool, err error) {
	allowed, err := fields(allow)
	if err != nil {
		return false, err
	}
	all, err := loadSides(folder, programs, node)
	if err != nil {
		return false, err
	}
	var changes []change
	compared := map[string]int{}
	for _, s := range all {
		for _, reader := range slices.Sorted(maps.Keys(s.readAfter)) {
			if a := s.readBefore[reader]; a.Error == "" && len(a.Components) > 0 {
				compared[reader]++
			}
			for _, c := range s.differences(reader) {
				c.exception = slices.ContainsFunc(allowed, c.matches)
				changes = append(changes, c)
			}
		}
	}
	printCompared(all, compared, changes)
	printDifferences(changes)
	good = !unexplained(changes)
	return allUsed(allowed, usedRows(changes, allowed)) && good, nil
}

func printCompared(all []*sides, compared map[string]int, changes []change) {
	names := map[string]bool{}
	for _, s := range all {
		names[s.name] = true
	}
	fmt.Printf("\n%d files, repaired in %d different ways:\n\n| reader | read before | read the same | read differently |\n| --- | --: | --: | --: |\n", len(names), len(all))
	for _, reader := range slices.Sorted(maps.Keys(compared)) {
		different := map[*file]bool{}
		for _, c := range changes {
			if c.receiver == reader {
				different[c.file] = true
			}
		}
		fmt.Printf("| %s | %d | %d | %d |\n", reader, compared[reader], compared[reader]-len(different), len(different))
	}
}

// printDifferences counts what is read differently, with the findings that
// declare it.
func printDifferences(changes []change) {
	type row struct {
		answers                  int
		findings, readers, files map[string]bool
	}
	rows := map[string]*row{}
	for _, c := range changes {
		kind := c.kind
		if c.exception {
			kind += ", by `.ci/meaning.allow`"
		}
		r := rows[kind]
		if r == nil {
			r = &row{findings: map[string]bool{}, readers: map[string]bool{}, files: map[string]bool{}}
			rows[kind] = r
		}
		r.answers++
		r.readers[c.receiver], r.files[c.file.name] = true, true
		for _, id := range c.because {
			r.findings[id] = true
		}
	}
	fmt.Println("\n| read differently | findings that declare it | readers | answers | files |\n| --- | --- | --- | --: | --: |")
	for _, kind := range slices.Sorted(maps.Keys(rows)) {
		r := rows[kind]
		fmt.Printf("| %s | %s | %s | %d | %d |\n", kind, list(r.findings), list(r.readers), r.answers, len(r.files))
	}
}

func list(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }
