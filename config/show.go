package config

import (
	"fmt"
	"io"
	"net/netip"
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
	switch value := v.Interface().(type) {
	case time.Duration:
		return quote(value.String())
	case Size:
		return quote(value.String())
	case netip.Prefix:
		return quote(value.String())
	case bool:
		return strconv.FormatBool(value)
	case int:
		return strconv.Itoa(value)
	}
	if v.Kind() != reflect.Slice {
		return quote(v.String())
	}
	list := make([]string, v.Len())
	for i := range list {
		list[i] = literal(v.Index(i))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// quote writes a basic string. Values have no control characters.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
