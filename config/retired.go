package config

import (
	"fmt"
	"strings"
)

// retiredKey is a key that had another name, or another place, in an earlier
// version. It is accepted, with a warning, for two minor versions.
type retiredKey struct {
	old, now string // "limits.connect_timeout"; of a list of tables, in each: "route.cert"
	until    string // the first version that does not accept it any more
}

// retiredKeys are those that this version still accepts.
var retiredKeys = []retiredKey{
	{"limits.connect_timeout", "nexthop.connect_timeout", "0.3.0"},
}

// acceptRetired moves the values of retired keys to where they belong now: in the
// same table, or from one table to another.
func acceptRetired(l *loader, tree map[string]any, keys []retiredKey) {
	for _, k := range keys {
		oldTable, oldName := cutKey(k.old)
		newTable, newName := cutKey(k.now)
		if oldTable == newTable {
			for i, t := range listedTables(tree[oldTable]) {
				retire(l, t, t, oldName, newName, element(oldTable, i), element(oldTable, i), k)
			}
		}
		from, ok := tree[oldTable].(map[string]any)
		if !ok {
			continue
		}
		to, ok := tree[newTable].(map[string]any)
		if !ok {
			to = make(map[string]any)
		}
		if retire(l, from, to, oldName, newName, oldTable, newTable, k) {
			tree[newTable] = to
		}
	}
}

// listedTables are the tables of a list; a value of another kind has none.
func listedTables(value any) []map[string]any {
	tables, _ := tablesOf(value)
	return tables
}

func cutKey(path string) (table, name string) {
	table, name, _ = strings.Cut(path, ".")
	return table, name
}

// retire puts the value under its new key, unless that is set, too. It reports
// whether it did.
func retire(l *loader, from, to map[string]any, oldName, newName, oldPath, newPath string, k retiredKey) bool {
	value, ok := from[oldName]
	if !ok {
		return false
	}
	old, now := join(oldPath, oldName), join(newPath, newName)
	delete(from, oldName)
	if _, both := to[newName]; both {
		l.warn(old, fmt.Sprintf("has no effect: it is now %s, which is set, too", k.now), "remove it")
		return false
	}
	to[newName] = value
	if line, ok := l.lines[old]; ok {
		l.lines[now] = line
	}
	l.warn(old, fmt.Sprintf("is now %s; versions before %s accept the old key", k.now, k.until), "rename it")
	return true
}
