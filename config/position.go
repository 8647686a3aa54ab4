package config

import (
	"sort"

	"github.com/pelletier/go-toml/v2/unstable"
)

// positions knows the line of each key and table of a TOML text, by path
// ("listener[0].tls.cert").
type positions struct {
	lines    map[string]int
	newlines []int          // offsets
	count    map[string]int // tables seen so far of each list of tables
	parser   unstable.Parser
}

// findPositions indexes a text that was parsed without an error.
func findPositions(text []byte) map[string]int {
	p := positions{lines: make(map[string]int), count: make(map[string]int)}
	for i, c := range text {
		if c == '\n' {
			p.newlines = append(p.newlines, i)
		}
	}
	p.parser.Reset(text)
	table := ""
	for p.parser.NextExpression() {
		switch n := p.parser.Expression(); n.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = p.header(n)
		case unstable.KeyValue:
			p.keyValue(n, table)
		default: // comments
		}
	}
	return p.lines
}

// line returns the line of a node that is a key.
func (p *positions) line(n *unstable.Node) int {
	return 1 + sort.SearchInts(p.newlines, int(n.Raw.Offset))
}

// header notes a [table] or [[table]] and returns its path.
func (p *positions) header(n *unstable.Node) string {
	path := ""
	it := n.Key()
	for it.Next() {
		k := it.Node()
		path = join(path, string(k.Data))
		if it.IsLast() && n.Kind == unstable.ArrayTable {
			p.note(path, k)
			p.count[path]++
		}
		if c := p.count[path]; c > 0 {
			path = element(path, c-1)
		}
		p.note(path, k)
	}
	return path
}

func (p *positions) keyValue(n *unstable.Node, table string) {
	path := table
	it := n.Key()
	for it.Next() {
		path = join(path, string(it.Node().Data))
		p.note(path, it.Node())
	}
	p.value(n.Value(), path)
}

// value looks for keys inside of a value.
func (p *positions) value(v *unstable.Node, path string) {
	switch v.Kind {
	case unstable.InlineTable:
		it := v.Children()
		for it.Next() {
			p.keyValue(it.Node(), path)
		}
	case unstable.Array:
		it := v.Children()
		for i := 0; it.Next(); i++ {
			p.value(it.Node(), element(path, i))
		}
	default:
	}
}

// note keeps the first line on which a path appears.
func (p *positions) note(path string, n *unstable.Node) {
	if _, ok := p.lines[path]; !ok {
		p.lines[path] = p.line(n)
	}
}
