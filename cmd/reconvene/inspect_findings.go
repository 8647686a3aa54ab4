package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// findings prints each remedy once: where it found something, and why it
// matters. What matters most comes first.
func (p printer) findings(list []findingView) {
	if len(list) == 0 {
		fmt.Fprintln(p.w, p.green("  no defects found"))
		return
	}
	fmt.Fprintln(p.w, "  "+p.bold("defects"))
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b findingView) int { return weight(a) - weight(b) })
	for i, f := range list {
		if i == 0 || list[i-1].ID != f.ID {
			fmt.Fprintf(p.w, "  %s %s\n", p.level(f.Level), p.bold(f.ID))
		}
		p.finding(f)
		if i+1 == len(list) || list[i+1].ID != f.ID {
			p.why(f)
		}
	}
}

// weight orders findings: errors, warnings, remarks, and last what does not
// matter to everybody.
func weight(f findingView) int {
	n := map[remedy.Level]int{remedy.Error: 0, remedy.Warning: 1}
	w, ok := n[f.Level]
	if !ok {
		w = 2
	}
	if f.Only != nil && !f.Applied {
		w += 3
	}
	return w
}

func (p printer) level(l remedy.Level) string {
	text := fmt.Sprintf("%-8s", l)
	switch l {
	case remedy.Error:
		return p.red(text)
	case remedy.Warning:
		return p.yellow(text)
	default:
		return p.dim(text)
	}
}

// finding prints one place: where, before and after, and what becomes of it.
func (p printer) finding(f findingView) {
	where := strings.TrimSpace(f.Component + " " + f.Property)
	change := ""
	switch {
	case f.Before != "" && f.After != "":
		change = oneLine(f.Before, 80) + " → " + oneLine(f.After, 80)
	case f.Before != "":
		change = oneLine(f.Before, 120) + " → (removed)"
	case f.After != "":
		change = "(nothing) → " + oneLine(f.After, 120)
	}
	if !f.Applied {
		change = strings.TrimSuffix(oneLine(f.Before, 120), " ")
	}
	state := p.green("repaired by the relay")
	switch {
	case f.Note != "":
		state = p.yellow("left alone: " + visible(f.Note))
	case f.Only != nil && f.In:
		state = p.dim("repaired inbound to " + joinProfiles(f.Only))
	case f.Only != nil:
		state = p.dim("repaired for " + joinProfiles(f.Only) + " only")
	case !f.Applied:
		state = p.yellow("reported only")
	}
	text := strings.TrimSpace(where + "  " + change)
	fmt.Fprintf(p.w, "           %s%s[%s]\n", text, strings.Repeat(" ", max(2, 56-utf8.RuneCountInString(text))), state)
}

func (p printer) why(f findingView) {
	if f.Why != "" {
		fmt.Fprintln(p.w, p.dim(wrap(f.Why, "           ", 100)))
	}
}
