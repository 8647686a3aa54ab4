package config

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Write writes the effective values as a configuration file. There is no secret
// among them: a Config names the files of secrets.
func (c *Config) Write(w io.Writer) error {
	var b strings.Builder
	writeTable(&b, reflect.ValueOf(*c), "")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeTable writes the plain keys of a table first: TOML wants them before the
// tables inside.
func writeTable(b *strings.Builder, table reflect.Value, path string) {
	keys := keysOf(table.Type())
	for i, k := range keys {
		if !k.isTable() && !k.isTables() {
			fmt.Fprintf(b, "%s = %s\n", k.name, literal(table.Field(i)))
		}
	}
	for i, k := range keys {
		at := join(path, k.name)
		switch {
		case k.isTable():
			fmt.Fprintf(b, "\n[%s]\n", at)
			writeTable(b, table.Field(i), at)
		case k.isTables():
			for j := range table.Field(i).Len() {
				fmt.Fprintf(b, "\n[[%s]]\n", at)
				writeTable(b, table.Field(i).Index(j), at)
			}
		}
	}
}

// literal writes a value in TOML.
func literal(v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		list := make([]string, v.Len())
		for i := range list {
			list[i] = literal(v.Index(i))
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	switch value := plain(v).(type) {
	case string:
		return quote(value)
	default:
		return fmt.Sprint(value)
	}
}

// quote writes a basic string. Values have no control characters.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Values returns the effective values for programs: tables as maps; sizes, durations
// and networks as in the file.
func (c *Config) Values() map[string]any { return values(reflect.ValueOf(*c)) }

func values(table reflect.Value) map[string]any {
	m := make(map[string]any)
	for i, k := range keysOf(table.Type()) {
		v := table.Field(i)
		switch {
		case k.isTable():
			m[k.name] = values(v)
		case k.isTables():
			list := make([]map[string]any, v.Len())
			for j := range list {
				list[j] = values(v.Index(j))
			}
			m[k.name] = list
		case v.Kind() == reflect.Slice:
			list := make([]any, v.Len())
			for j := range list {
				list[j] = plain(v.Index(j))
			}
			m[k.name] = list
		default:
			m[k.name] = plain(v)
		}
	}
	return m
}

// plain is a value as text, unless it is a number or a truth value.
func plain(v reflect.Value) any {
	switch value := v.Interface().(type) {
	case bool, int:
		return value
	case time.Duration:
		return shortDuration(value)
	case fmt.Stringer:
		return value.String()
	default:
		return v.String()
	}
}

// shortDuration writes several whole days as days, and leaves out what time.Duration's String
// adds: "400d", not "9600h0m0s".
func shortDuration(d time.Duration) string {
	if day := 24 * time.Hour; d > day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
