package logfile

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Line is one line of the log.
type Line struct {
	Time   time.Time
	Level  string
	Msg    string
	Keys   []string            // in their order, in text; sorted by nothing in JSON
	Values map[string][]string // a value that is not a list has one element
}

// Get returns the value of a key, "" when there is none.
func (l *Line) Get(key string) string {
	if v := l.Values[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Int returns the number of a key, 0 when there is none.
func (l *Line) Int(key string) int {
	n, _ := strconv.Atoi(l.Get(key))
	return n
}

// lists are the keys whose values are lists in text.
var lists = map[string]bool{"findings": true, "applied": true, "vetoed": true, "dkim": true, "params": true}

// maxKeys bounds what is read of one line.
const maxKeys = 200

// Parse parses one line. A prefix of a journal or a syslog server is skipped. It
// returns false for a line that is not of our log.
func Parse(text []byte) (*Line, bool) {
	text = bytes.TrimSpace(text)
	if at := bytes.IndexByte(text, '{'); at >= 0 && bytes.HasSuffix(text, []byte("}")) {
		if l, ok := parseJSON(text[at:]); ok {
			return l, true
		}
	}
	at := bytes.Index(text, []byte("time="))
	if at < 0 || at > 0 && text[at-1] != ' ' {
		return nil, false
	}
	return parseText(string(text[at:]))
}

func parseJSON(text []byte) (*Line, bool) {
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&fields) != nil || len(fields) > maxKeys {
		return nil, false
	}
	l := &Line{Values: map[string][]string{}}
	for key, v := range fields {
		switch v := v.(type) {
		case string:
			l.add(key, v)
		case json.Number:
			l.add(key, v.String())
		case bool:
			l.add(key, strconv.FormatBool(v))
		case []any:
			for _, item := range v {
				if s, ok := item.(string); ok {
					l.add(key, s)
				}
			}
		}
	}
	return l.finish()
}

func parseText(text string) (*Line, bool) {
	l := &Line{Values: map[string][]string{}}
	for text != "" && len(l.Keys) < maxKeys {
		key, rest, ok := strings.Cut(text, "=")
		if !ok || key == "" || strings.ContainsAny(key, " \"") {
			return nil, false
		}
		value := rest
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, false
			}
			value, _ = strconv.Unquote(quoted)
			text = strings.TrimPrefix(rest[len(quoted):], " ")
		} else {
			value, text, _ = strings.Cut(rest, " ")
		}
		if !lists[key] {
			l.add(key, value)
			continue
		}
		for _, item := range splitList(value) {
			l.add(key, item)
		}
	}
	return l.finish()
}

// splitList takes a list apart: items are joined by commas, and a backslash
// takes from what follows it its meaning.
func splitList(s string) []string {
	var items []string
	var item strings.Builder
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			item.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == ',':
			items = append(items, item.String())
			item.Reset()
		default:
			item.WriteRune(r)
		}
	}
	return append(items, item.String())
}

func (l *Line) add(key, value string) {
	if _, known := l.Values[key]; !known {
		l.Keys = append(l.Keys, key)
	}
	l.Values[key] = append(l.Values[key], value)
}

// finish takes the keys that every line has.
func (l *Line) finish() (*Line, bool) {
	t, err := time.Parse(time.RFC3339Nano, l.Get("time"))
	if err != nil || l.Get("msg") == "" || l.Get("level") == "" {
		return nil, false
	}
	l.Time, l.Level, l.Msg = t, l.Get("level"), l.Get("msg")
	return l, true
}
