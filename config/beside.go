package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// unreadable is the problem that a file of the configuration cannot be read.
func unreadable(path string, err error) Problem {
	p := Problem{File: path, Text: "cannot be read: " + reason(err), Hint: remedyFor(err) + ", or name another with --config"}
	if !errors.Is(err, os.ErrNotExist) {
		return p
	}
	p.Hint = `create it, or name another with --config; "reconvene check --example" prints one`
	if other := beside(path); other != "" {
		p.Hint = "beside it is " + other + ": rename it, or name it with --config"
	}
	return p
}

// beside returns the name of a file that was probably saved in place of another: an
// editor of Windows adds .txt to the name, which the Explorer then hides.
func beside(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	want := filepath.Base(path)
	stem := strings.TrimSuffix(want, filepath.Ext(want))
	for _, name := range []string{want + ".txt", want + ".toml", stem + ".txt", want} {
		for _, e := range entries {
			if e.Type().IsRegular() && strings.EqualFold(e.Name(), name) && e.Name() != want {
				return e.Name()
			}
		}
	}
	return ""
}

// tryBeside warns of a file that an editor probably saved in place of this one: of two,
// the older one is read.
func tryBeside(l *loader) {
	other := beside(l.file)
	if other == "" {
		return
	}
	mine, err := os.Stat(l.file)
	if err != nil {
		return
	}
	if info, err := os.Stat(filepath.Join(filepath.Dir(l.file), other)); err == nil && info.ModTime().After(mine.ModTime()) {
		l.problems = append(l.problems, Problem{File: l.file, Warning: true, Text: other + " beside it is newer, and is not read",
			Hint: "if you edited that one, rename it to " + filepath.Base(l.file) + "; otherwise remove it"})
	}
}
