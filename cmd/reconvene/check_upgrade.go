package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// setting is a key whose effective value two versions read differently.
type setting struct {
	Key    string `json:"key"`
	Before string `json:"before,omitempty"` // "": the older version has no such key
	After  string `json:"after,omitempty"`  // "": this version has no such key
}

// readBefore reads what "check --json" of the older version printed.
func readBefore(name string) (map[string]string, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var report struct {
		Config map[string]any `json:"config"`
	}
	dec := json.NewDecoder(io.LimitReader(file, 16<<20))
	dec.UseNumber()
	if err := dec.Decode(&report); err != nil || report.Config == nil {
		return nil, fmt.Errorf(`%s is not what "reconvene check --json" of the older version printed, with a configuration that it could use`, visible(name))
	}
	return flat(report.Config)
}

// flat writes each value under its full key: "listener[0].tls.cert".
func flat(config map[string]any) (map[string]string, error) {
	text, err := json.Marshal(config) // the same types on both sides
	if err != nil {
		return nil, err
	}
	var tree any
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	out := make(map[string]string)
	flatten(out, "", tree)
	return out, nil
}

func flatten(out map[string]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			flatten(out, strings.TrimPrefix(path+"."+name, "."), inner)
		}
		return
	case []any:
		if len(v) > 0 {
			if _, tables := v[0].(map[string]any); tables {
				for i, inner := range v {
					flatten(out, fmt.Sprintf("%s[%d]", path, i), inner)
				}
				return
			}
		}
	}
	text, _ := json.Marshal(value) // it came from JSON
	out[path] = string(text)
}

// readDifferently lists what differs, by key.
func readDifferently(before, after map[string]string) []setting {
	all := maps.Clone(before)
	maps.Copy(all, after)
	list := []setting{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if before[key] != after[key] {
			list = append(list, setting{key, before[key], after[key]})
		}
	}
	return list
}

func printUpgrade(w io.Writer, list []setting) {
	if len(list) == 0 {
		fmt.Fprintln(w, "# both versions read the same")
	}
	for _, s := range list {
		switch {
		case s.Before == "":
			fmt.Fprintf(w, "new      %s = %s\n", s.Key, visible(s.After))
		case s.After == "":
			fmt.Fprintf(w, "gone     %s = %s\n", s.Key, visible(s.Before))
		default:
			fmt.Fprintf(w, "changed  %s = %s, was %s\n", s.Key, visible(s.After), visible(s.Before))
		}
	}
}
