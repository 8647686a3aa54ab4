package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Keys that had another name are accepted where they were, with a warning, and mean
// the same.
func TestRetiredKeys(t *testing.T) {
	keys := []retiredKey{{"limits.connect_timeout", "nexthop.connect_timeout", "0.3.0"}, {"route.certificate", "route.cert", "0.3.0"}, {"log.path", "log.file", "0.3.0"}}
	for _, c := range []struct {
		name string
		tree map[string]any
		want string
		says []string
	}{
		{"moved", map[string]any{"limits": map[string]any{"connect_timeout": "5s", "errors": 3}},
			"map[limits:map[errors:3] nexthop:map[connect_timeout:5s]]", []string{"a.toml:7: warning: limits.connect_timeout: is now nexthop.connect_timeout; versions before 0.3.0"}},
		{"both", map[string]any{"limits": map[string]any{"connect_timeout": "5s"}, "nexthop": map[string]any{"connect_timeout": "9s"}},
			"map[limits:map[] nexthop:map[connect_timeout:9s]]", []string{"has no effect"}},
		{"in each table of a list", map[string]any{"route": []any{map[string]any{"certificate": "x"}, map[string]any{"cert": "y"}}},
			"map[route:[map[cert:x] map[cert:y]]]", []string{"route[0].certificate: is now route.cert"}},
		{"in a table", map[string]any{"log": map[string]any{"path": "x"}}, "map[log:map[file:x]]", []string{"log.path: is now log.file"}},
		{"none", map[string]any{"log": "nonsense", "route": 1}, "map[log:nonsense route:1]", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &loader{file: "a.toml", lines: map[string]int{"limits.connect_timeout": 7}}
			acceptRetired(l, c.tree, keys)
			if got := fmt.Sprint(c.tree); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if len(l.problems) != len(c.says) || l.problems.Err() != nil {
				t.Errorf("%v", l.problems)
			}
			for i, want := range c.says {
				if got := fmt.Sprint(l.problems[i]); !strings.Contains(got, want) {
					t.Errorf("%q is not in %q", want, got)
				}
			}
		})
	}
}

// Each retired key leads to one that exists, is none itself, and goes in time: the
// build fails when its last version is over.
func TestRetiredKeysEnd(t *testing.T) {
	source, err := os.ReadFile("../cmd/reconvene/version.go")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "var release = \"")
	var major, minor, untilMajor, untilMinor int
	if _, err := fmt.Sscanf(rest, "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	known := strings.Join(Keys(), " ") + " "
	for _, k := range retiredKeys {
		if strings.Contains(known, k.old+" ") || !strings.Contains(known, k.now+" ") {
			t.Errorf("%s is a key, or %s is none", k.old, k.now)
		}
		if _, err := fmt.Sscanf(k.until, "%d.%d", &untilMajor, &untilMinor); err != nil || major > untilMajor || major == untilMajor && minor >= untilMinor {
			t.Errorf("%s is accepted before %s, and this is %d.%d: remove it from the list (%v)", k.old, k.until, major, minor, err)
		}
	}
}
