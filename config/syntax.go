package config

import (
	"slices"
	"strings"
)

// explainSyntax says more of the errors that are made most often in writing TOML. Line is
// the text of the line that has the error.
func (p *Problem) explainSyntax(line string) {
	_, value, _ := strings.Cut(line, "=")
	switch {
	case backslash(line):
		p.Hint = backslashHint
	case strings.ContainsAny(value, "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"):
		p.Text, p.Hint = "a quote is a typographic one", `write straight quotes: key = "text"`
	case strings.HasSuffix(p.Text, "at start of value") && isSwitch(value):
		p.Hint = "write true or false, in small letters and without quotes"
	case strings.HasSuffix(p.Text, "at start of value"):
		p.Hint = `put text in quotes: key = "text"`
	case strings.HasPrefix(p.Text, "invalid character at start of key"):
		p.Hint = "a line is [a table], key = value, or a comment that begins with #"
	case strings.HasPrefix(p.Text, "expected '=' after"):
		p.Hint = "write key = value"
	case strings.HasPrefix(p.Text, "array is incomplete"):
		p.Hint = "put ] at the end of the list"
	case strings.HasSuffix(p.Text, "should be a table, not a value"):
		p.Hint = "write its keys below a line of their own, such as [listener.tls]"
	case strings.HasSuffix(p.Text, "strings cannot have new lines"):
		p.Text, p.Hint = "a text has no quote at its end", `write it on one line: key = "text"`
	case strings.HasPrefix(p.Text, "invalid UTF-8 character"):
		p.Hint = "save the file in the encoding UTF-8"
	case strings.Contains(p.Text, " already "):
		p.Hint = "write each table and each key once; only [[listener]] and [[route]] repeat"
	}
}

// lineOf is a line of a text, "" when there is no such.
func lineOf(text []byte, number int) string {
	lines := strings.SplitAfterN(string(text), "\n", number+1)
	if number < 1 || number > len(lines) {
		return ""
	}
	return lines[number-1]
}

// isSwitch reports whether a value is what programs write for true and false.
func isSwitch(value string) bool {
	word, _, _ := strings.Cut(value, "#")
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off"}, strings.ToLower(strings.TrimSpace(word)))
}

// backslash reports whether a line has a backslash within double quotes, where TOML
// takes it for an escape.
func backslash(line string) bool {
	_, quoted, _ := strings.Cut(line, `"`)
	return strings.Contains(quoted, `\`)
}

const backslashHint = `in Windows paths use '…' or \\`
