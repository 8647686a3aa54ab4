package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// program is a reader: it answers to each file name with a line of JSON.
type program struct {
	name string
	argv []string

	cmd *exec.Cmd
	in  io.WriteCloser
	out chan []byte
}

// patience is how long a reader may take for one file; one that is late is asked
// once more.
const patience = 30 * time.Second

func readers(folder, programs, node string) []*program {
	return []*program{
		{name: "ical.js", argv: []string{"node", filepath.Join(programs, "icaljs.mjs"), node}},
		{name: "libical", argv: []string{filepath.Join(folder, "libical")}},
		{name: "python-icalendar", argv: []string{"/usr/bin/python3", filepath.Join(programs, "icalendar_py.py")}},
	}
}

func (p *program) start() (err error) {
	p.cmd = exec.Command(p.argv[0], p.argv[1:]...)
	p.cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8")
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	from, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	out := make(chan []byte)
	p.out = out
	go func() {
		defer close(out)
		for r := bufio.NewReader(from); ; {
			line, err := r.ReadBytes('\n')
			if err != nil {
				return
			}
			out <- line
		}
	}()
	return nil
}

func (p *program) stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	for range p.out {
	}
	_ = p.cmd.Wait()
	p.cmd = nil
}

// ask returns what the reader makes of a file. One that crashes or is too slow
// is started again for the next file.
func (p *program) ask(name string) (r reading, err error) {
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return r, err
		}
	}
	_, _ = io.WriteString(p.in, name+"\n") // a reader that has ended has closed its output, too
	select {
	case line, ok := <-p.out:
		if !ok {
			p.stop()
			return reading{Error: "crash"}, nil
		}
		return r, json.Unmarshal(line, &r)
	case <-time.After(patience):
		p.stop()
		return reading{Error: fmt.Sprintf("no answer in %v", patience), late: true}, nil
	}
}

// loadSides reads the files before and after each repair that differs from the
// others of the same file, and lets the readers read them.
func loadSides(folder, programs, node string) ([]*sides, error) {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return nil, err
	}
	before, err := calendarsIn(folder, "before", programs)
	if err != nil {
		return nil, err
	}
	type version struct {
		s       *sides
		was, is []string
	}
	var versions []version
	for _, mode := range append([]string{standard}, profiles(folder)...) {
		after, err := calendarsIn(folder, mode, programs)
		if err != nil {
			return nil, err
		}
		byName := map[string]*file{}
		for _, name := range slices.Sorted(maps.Keys(after)) {
			if slices.EqualFunc(before[name], after[name], sameFile) {
				continue
			}
			if slices.ContainsFunc(versions, func(v version) bool { return v.s.name == name && slices.EqualFunc(v.is, after[name], sameFile) }) {
				continue
			}
			byName[name] = &file{name: name, profile: mode}
			versions = append(versions, version{&sides{file: byName[name], readBefore: map[string]reading{}, readAfter: map[string]reading{}}, before[name], after[name]})
		}
		if err := findings(filepath.Join(folder, mode+".report.json"), byName); err != nil {
			return nil, err
		}
	}
	if len(versions) == 0 {
		return nil, errors.New("no file was changed")
	}
	var names []string
	for _, v := range versions {
		names = append(append(names, v.was...), v.is...)
	}
	answers, err := readAll(readers(folder, programs, node), names)
	if err != nil {
		return nil, err
	}
	var all []*sides
	for _, v := range versions {
		for reader, of := range answers {
			v.s.readBefore[reader], v.s.readAfter[reader] = together(of, v.was), together(of, v.is)
		}
		all = append(all, v.s)
	}
	return all, nil
}

// readAll lets each reader read each text once.
func readAll(programs []*program, names []string) (map[string]map[string]reading, error) {
	answers := map[string]map[string]reading{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	for _, p := range programs {
		answers[p.name] = map[string]reading{}
		wg.Go(func() {
			defer p.stop()
			known := map[[sha256.Size]byte]reading{}
			for _, name := range names {
				key := digest(name)
				r, done := known[key]
				var err error
				if !done {
					r, err = p.ask(name)
				}
				if r.late { // the machine was busy
					r, err = p.ask(name)
				}
				known[key], answers[p.name][name] = r, r
				if err != nil {
					mu.Lock()
					failed = errors.Join(failed, fmt.Errorf("%s: %s: %w", p.name, name, err))
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	return answers, failed
}

// together is what a reader reads in the calendars of one file. A calendar that
// is in a mail twice is read once.
func together(answers map[string]reading, names []string) (out reading) {
	for _, name := range names {
		r := answers[name]
		if r.Error != "" {
			out.Error = r.Error
		}
		if out.Method == "" {
			out.Method = r.Method
		}
		for _, c := range r.Components {
			if len(names) == 1 || !slices.ContainsFunc(out.Components, func(o component) bool { return fmt.Sprint(o) == fmt.Sprint(c) }) {
				out.Components = append(out.Components, c)
			}
		}
	}
	if len(out.Components) > 0 {
		out.Error = "" // one calendar is enough
	}
	return out
}

// calendarsIn returns the files with the calendars of each file of a folder: the
// file itself, or the parts of a mail.
func calendarsIn(folder, mode, programs string) (map[string][]string, error) {
	entries, err := os.ReadDir(filepath.Join(folder, mode))
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	var mails []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".eml") {
			mails = append(mails, name)
		} else {
			out[name] = []string{filepath.Join(folder, mode, name)}
		}
	}
	target := filepath.Join(folder, "parts", mode)
	if err := os.MkdirAll(target, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.Command("/usr/bin/python3", filepath.Join(programs, "parts.py"), target)
	cmd.Dir, cmd.Stdin, cmd.Stderr = filepath.Join(folder, mode), strings.NewReader(strings.Join(mails, "\n")), os.Stderr
	lines, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("parts.py: %w", err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n") {
		if i < len(mails) && line != "" {
			out[mails[i]] = strings.Split(line, "\t")
		}
	}
	return out, nil
}

// sameFile reports whether two files have the same octets.
func sameFile(a, b string) bool {
	return a == b || digest(a) == digest(b)
}

func digest(name string) [sha256.Size]byte {
	text, err := os.ReadFile(name)
	if err != nil {
		return sha256.Sum256([]byte(name)) // like no other
	}
	return sha256.Sum256(bytes.TrimSpace(text))
}
