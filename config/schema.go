package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// key is one key of the file, as the struct tags of Config declare it.
type key struct {
	name string
	typ  reflect.Type // the Go type of its value
}

// keysOf returns the keys of a table, in the order of its struct.
func keysOf(table reflect.Type) []key {
	keys := make([]key, table.NumField())
	for i := range keys {
		f := table.Field(i)
		keys[i] = key{name: f.Tag.Get("mapstructure"), typ: f.Type}
	}
	return keys
}

func findKey(table reflect.Type, name string) (key, bool) {
	keys := keysOf(table)
	i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
	if i < 0 {
		return key{}, false
	}
	return keys[i], true
}

// isTable reports whether the value is a table: [log].
func (k key) isTable() bool { return k.typ.Kind() == reflect.Struct }

// isTables reports whether the value is a list of tables: [[listener]].
func (k key) isTables() bool {
	return k.typ.Kind() == reflect.Slice && k.typ.Elem().Kind() == reflect.Struct && k.typ.Elem() != prefixType
}

// table returns the struct of a table or of each table of a list.
func (k key) table() reflect.Type {
	if k.isTables() {
		return k.typ.Elem()
	}
	return k.typ
}

var rootTable = reflect.TypeFor[Config]()

// Keys returns every key that exists, in the notation of the documentation:
// "listener.tls.cert".
func Keys() []string { return appendKeys(nil, rootTable, "") }

func appendKeys(list []string, table reflect.Type, prefix string) []string {
	for _, k := range keysOf(table) {
		if k.isTable() || k.isTables() {
			list = appendKeys(list, k.table(), prefix+k.name+".")
			continue
		}
		list = append(list, prefix+k.name)
	}
	return list
}

// join and element make the path of a key, as problems and positions name it:
// "listener[0].tls.cert".
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// checkTable reports the keys of a table that do not exist and the values that
// have the wrong type, and removes both so that the rest can be checked too.
func checkTable(l *loader, tree map[string]any, table reflect.Type, path string) {
	for name, value := range tree {
		at := join(path, name)
		k, ok := findKey(table, name)
		switch {
		case !ok:
			reject(l, tree, name, at, "there is no such key", unknownHint(table, name))
		case k.isTable():
			sub, ok := value.(map[string]any)
			if !ok {
				reject(l, tree, name, at, "must be a table", "write ["+withoutIndex(at)+"] on a line of its own and its keys below")
				continue
			}
			checkTable(l, sub, k.typ, at)
		case k.isTables():
			checkTables(l, tree, k, at)
		default:
			if text, hint := wrongValue(value, k.typ); text != "" {
				reject(l, tree, name, at, text, hint)
			}
		}
	}
}

// reject reports a key and takes it out of the tree.
func reject(l *loader, tree map[string]any, name, at, text, hint string) {
	delete(tree, name)
	l.fail(at, text, hint)
	l.rejected[at] = true
}

func checkTables(l *loader, tree map[string]any, k key, at string) {
	tables, ok := tablesOf(tree[k.name])
	if !ok {
		reject(l, tree, k.name, at, "must be a list of tables", "write [["+k.name+"]] with two brackets on each side")
		return
	}
	for i, t := range tables {
		checkTable(l, t, k.table(), element(at, i))
	}
}

// tablesOf returns a list of tables in the one form that the loader works on.
func tablesOf(value any) ([]map[string]any, bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case []map[string]any:
		return v, true
	case []any:
		list := make([]map[string]any, len(v))
		for i, e := range v {
			t, ok := e.(map[string]any)
			if !ok {
				return nil, false
			}
			list[i] = t
		}
		return list, true
	default:
		return nil, false
	}
}

func withoutIndex(path string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(path, '[')
		if i < 0 {
			b.WriteString(path)
			return b.String()
		}
		b.WriteString(path[:i])
		path = path[i+strings.IndexByte(path[i:], ']')+1:]
	}
}

// unknownHint is what to do about a key that a table does not have: the one of its own
// that is probably meant, and the tables that have such a key.
func unknownHint(table reflect.Type, name string) string {
	var names []string
	for _, k := range keysOf(table) {
		names = append(names, k.name)
	}
	near, others := nearest(name, names), tablesWith(name)
	switch {
	case near != "" && len(others) > 0:
		return `did you mean "` + near + `"? ` + name + " belongs to " + strings.Join(others, " or ")
	case near != "":
		return `did you mean "` + near + `"?`
	case len(others) > 0:
		return "it belongs to " + strings.Join(others, " or ")
	}
	return "known here: " + strings.Join(names, ", ")
}

// tablesWith lists the tables that have a key, as they are written in the file.
func tablesWith(name string) []string {
	var list []string
	for _, k := range Keys() {
		switch table, found := strings.CutSuffix("."+k, "."+name); {
		case !found:
		case table == "":
			list = append(list, "the top of the file, above the first [table]")
		case table == ".listener" || table == ".route":
			list = append(list, "[["+table[1:]+"]]")
		default:
			list = append(list, "["+table[1:]+"]")
		}
	}
	return list
}
