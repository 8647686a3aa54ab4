package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// printRows prints rows for a machine when that is asked for, else for people.
func printRows[T any](e *env, f ledgerFlags, rows []T, people func()) error {
	switch {
	case f.json:
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		for _, r := range rows {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
	case f.csv:
		return writeCSV(e.stdout, rows)
	default:
		people()
	}
	return nil
}

// writeCSV writes a header and a line for each row. The columns are the JSON
// keys of the plain fields.
func writeCSV[T any](w io.Writer, rows []T) error {
	out := csv.NewWriter(w)
	t := reflect.TypeFor[T]()
	var head []string
	var fields [][]int
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" && (f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() == reflect.String) {
			head, fields = append(head, name), append(fields, f.Index)
		}
	}
	_ = out.Write(head) // Flush keeps the error
	for _, r := range rows {
		v := reflect.ValueOf(r)
		var cells []string
		for _, i := range fields {
			cells = append(cells, cell(v.FieldByIndex(i).Interface()))
		}
		_ = out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

// cell is one value. A text that a spreadsheet would take for a formula gets an
// apostrophe in front.
func cell(value any) string {
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.RFC3339)
	case []string:
		return cell(strings.Join(v, ","))
	case string:
		if v = visible(v); v != "" && strings.ContainsRune("=+-@\t", rune(v[0])) {
			return "'" + v
		}
		return v
	}
	return fmt.Sprint(value)
}

// revisionWords is a revision in a word and a number.
func revisionWords(method string, seq int) string {
	return fmt.Sprintf("%s (revision %d)", word(method, seq), seq)
}

// word is what people call a method.
func word(method string, seq int) string {
	switch method {
	case "REQUEST":
		if seq > 0 {
			return "update"
		}
		return "invitation"
	case "CANCEL":
		return "cancellation"
	case "ADD":
		return "addition"
	case "PUBLISH":
		return "publication"
	case "REPLY":
		return "response"
	case "COUNTER":
		return "proposal"
	case "DECLINECOUNTER":
		return "rejected proposal"
	case "REFRESH":
		return "request for the current version"
	}
	return strings.ToLower(visible(method))
}

// shortTime is an instant, or a date, for a table.
func shortTime(t time.Time, allDay bool) string {
	switch {
	case t.IsZero():
		return "?"
	case allDay:
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

func meetingTime(t time.Time) string {
	if t.IsZero() {
		return "at an uncertain time"
	}
	return t.UTC().Format("2006-01-02 15:04 MST")
}

func occurrenceText(o string) string {
	if o == "" {
		return ""
	}
	return "occurrence " + o
}

// said is what the remote server said.
func said(code int, reply, hop string) string {
	out := strings.TrimSpace(codeText(code) + " " + reply)
	if out == "" {
		return ""
	}
	if hop != "" {
		out += " — " + hop
	}
	return ": " + out
}
