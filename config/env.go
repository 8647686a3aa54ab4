package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// EnvPrefix is what the names of our environment variables begin with. The rest
// is the key's path in upper case with underscores: RECONVENE_LOG_LEVEL,
// RECONVENE_LISTENER_0_TLS_CERT. Lists are written with commas. An empty
// variable counts as not set.
const EnvPrefix = "RECONVENE_"

// EnvFile is the environment variable that names the configuration file; it is not a
// key.
const EnvFile = EnvPrefix + "CONFIG"

// setting is an environment variable and the key that it sets.
type setting struct {
	variable, value string
	steps           []step
	typ             reflect.Type
}

// step is one part of a path: a name, and the number of a table in a list.
type step struct {
	name  string
	index int // -1 when it is not a list of tables
}

// applyEnv puts the variables into the tree, over what the file says.
func applyEnv(l *loader, tree map[string]any, environ []string) {
	var settings []setting
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		rest, ours := strings.CutPrefix(name, EnvPrefix)
		if !ours || value == "" || name == EnvFile || fromKubernetes(rest) {
			continue
		}
		steps, typ, ok := resolve(rootTable, rest)
		if !ok {
			// A warning only: the environment is shared, and another program's
			// variable must not keep the mail from flowing.
			l.problems = append(l.problems, Problem{File: name, Warning: true, Text: "there is no such key",
				Hint: "remove the variable, or see docs/configuration.md for the names"})
			continue
		}
		settings = append(settings, setting{name, value, steps, typ})
	}
	// The tables of a list come in the order of their numbers.
	slices.SortStableFunc(settings, func(a, b setting) int {
		return slices.CompareFunc(a.steps, b.steps, func(a, b step) int {
			return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.index, b.index))
		})
	})
	for _, s := range settings {
		overlayVariable(l, tree, s)
	}
}

// fromKubernetes knows the variables that Kubernetes invents for a service which
// is called "reconvene".
func fromKubernetes(rest string) bool {
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") || strings.HasPrefix(rest, "SERVICE_")
}

// resolve finds the key that a variable names.
func resolve(table reflect.Type, rest string) ([]step, reflect.Type, bool) {
	for _, k := range keysOf(table) {
		name := strings.ToUpper(k.name)
		if rest == name && !k.isTable() && !k.isTables() {
			return []step{{k.name, -1}}, k.typ, true
		}
		sub, ok := strings.CutPrefix(rest, name+"_")
		if !ok {
			continue
		}
		here := step{k.name, -1}
		switch {
		case k.isTables():
			digits, after, ok := strings.Cut(sub, "_")
			n, err := strconv.ParseUint(digits, 10, 16)
			if !ok || err != nil {
				continue
			}
			here.index, sub = int(n), after
		case !k.isTable():
			continue
		}
		if steps, typ, ok := resolve(k.table(), sub); ok {
			return append([]step{here}, steps...), typ, true
		}
	}
	return nil, nil, false
}

// overlayVariable puts one setting into the tree and remembers where it came from.
func overlayVariable(l *loader, tree map[string]any, s setting) {
	path := ""
	for _, st := range s.steps[:len(s.steps)-1] {
		path = join(path, st.name)
		if st.index < 0 {
			sub, ok := tree[st.name].(map[string]any)
			if !ok {
				sub = make(map[string]any)
				tree[st.name] = sub
			}
			tree = sub
			continue
		}
		list, _ := tablesOf(tree[st.name])
		if st.index > len(list) {
			l.problems = append(l.problems, Problem{File: s.variable,
				Text: fmt.Sprintf("there is no %s", element(path, len(list))), Hint: "number the tables from 0 without a gap"})
			return
		}
		if st.index == len(list) {
			list = append(list, make(map[string]any))
		}
		tree[st.name] = list
		tree, path = list[st.index], element(path, st.index)
	}
	name := s.steps[len(s.steps)-1].name
	path = join(path, name)
	tree[name] = typed(s.value, s.typ)
	l.variables[path] = s.variable
}

// typed gives a variable's text the TOML type that the key wants. A text that
// cannot have it stays a text, and is refused like one in the file.
func typed(value string, t reflect.Type) any {
	switch t.Kind() {
	case reflect.Bool:
		if b, err := strconv.ParseBool(value); err == nil {
			return b
		}
	case reflect.Int:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n
		}
	case reflect.Slice:
		var list []any
		for e := range strings.SplitSeq(value, ",") {
			if e = strings.TrimSpace(e); e != "" {
				list = append(list, e)
			}
		}
		return list
	default:
	}
	return value
}
