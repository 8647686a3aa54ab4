package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is an error or a warning about the configuration.
type Problem struct {
	File    string `json:"file,omitempty"` // or the environment variable that sets the key; "" when nothing was read
	Line    int    `json:"line,omitempty"` // 0 when the key is not in the file
	Key     string `json:"key,omitempty"`  // "listener[0].tls.cert"
	Warning bool   `json:"warning"`        // the configuration can be used nevertheless
	Text    string `json:"text"`           // what is wrong
	Hint    string `json:"hint,omitempty"` // what to do
}

// Error returns it on one line: "reconvene.toml:7: listener[0].tls.cert: is missing;
// name the certificate's file".
func (p Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// Problems are all problems that were found, in the order of the file.
type Problems []Problem

// Err joins the problems that are not warnings; nil when there are none.
func (ps Problems) Err() error {
	var errs []error
	for _, p := range ps {
		if !p.Warning {
			errs = append(errs, p)
		}
	}
	return errors.Join(errs...)
}

// Warnings returns the problems that are warnings.
func (ps Problems) Warnings() Problems {
	var ws Problems
	for _, p := range ps {
		if p.Warning {
			ws = append(ws, p)
		}
	}
	return ws
}

// nearest returns the candidate that name is probably a misspelling of, or "".
func nearest(name string, candidates []string) string {
	best, distance := "", len(name)/3+2
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(name), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	return best
}

// editDistance is the number of insertions, deletions, replacements and
// transpositions of neighbours between two words. Long ones are not compared.
func editDistance(a, b string) int {
	const longest = 64
	if len(a) > longest || len(b) > longest {
		return longest
	}
	var older, old, row [longest + 1]int
	for j := range len(b) + 1 {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old = old, row
	}
	return old[len(b)]
}

// failed reports whether a key has a problem that is more than a warning.
func (l *loader) failed(path string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool { return p.Key == path && !p.Warning })
}
