package tnef

import (
	"bytes"
	"html"
	"strings"
)

// htmlText gives the text of HTML for readers without HTML: tags are dropped,
// blocks become lines, the target of a link follows its text when the text
// does not say it. It is no rendering and needs none of the document's
// structure.
func htmlText(b []byte) string {
	var t htmlReader
	for len(b) > 0 {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			t.text(b)
			break
		}
		t.text(b[:i])
		b = t.tag(b[i:])
	}
	return strings.TrimSpace(t.out.String())
}

type htmlReader struct {
	out   strings.Builder
	quiet string // inside this element nothing is text
	link  string
	label int  // where the text of the link begins
	space bool // white space is due before the next text
	line  bool // the output is at the start of a line
}

// text appends a run between tags with its white space collapsed.
func (t *htmlReader) text(b []byte) {
	if t.quiet != "" || len(b) == 0 {
		return
	}
	s := html.UnescapeString(string(b))
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	if len(words) == 0 || strings.ContainsRune(" \t\r\n", rune(s[0])) {
		t.space = true
	}
	for i, w := range words {
		if (i > 0 || t.space) && t.out.Len() > 0 && !t.line {
			t.out.WriteByte(' ')
		}
		t.out.WriteString(w)
		t.space, t.line = false, false
	}
	if len(words) > 0 && strings.ContainsRune(" \t\r\n", rune(s[len(s)-1])) {
		t.space = true
	}
}

// tag handles the tag that b begins with, and gives what follows it.
func (t *htmlReader) tag(b []byte) []byte {
	if bytes.HasPrefix(b, []byte("<!--")) {
		if end := bytes.Index(b, []byte("-->")); end >= 0 {
			return b[end+3:]
		}
		return nil
	}
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		return nil
	}
	inner := string(b[1:end])
	name := strings.ToLower(inner)
	if i := strings.IndexAny(name, " \t\r\n/"); i > 0 {
		name = name[:i]
	}
	if t.quiet != "" {
		if name == "/"+t.quiet {
			t.quiet = ""
		}
		return b[end+1:]
	}
	switch name {
	case "script", "style", "title":
		if !strings.HasSuffix(inner, "/") {
			t.quiet = name
		}
	case "br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "blockquote",
		"/p", "/div", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "/table", "/ul", "/ol":
		t.newline(name == "br")
	case "td", "th":
		t.space = true
	case "a":
		t.link, t.label = attribute(inner, "href"), t.out.Len()
	case "/a":
		t.endLink()
	}
	return b[end+1:]
}

// newline starts a new line; force makes one even at the start of a line, but
// never more than one empty line.
func (t *htmlReader) newline(force bool) {
	s := t.out.String()
	if s == "" || t.line && (!force || strings.HasSuffix(s, "\n\n")) {
		return
	}
	t.out.WriteByte('\n')
	t.space, t.line = false, true
}

func (t *htmlReader) endLink() {
	link := t.link
	t.link = ""
	if !strings.Contains(link, ":") || t.label > t.out.Len() {
		return
	}
	label := t.out.String()[t.label:]
	if strings.Contains(label, strings.TrimPrefix(link, "mailto:")) {
		return
	}
	t.out.WriteString(" <" + link + ">")
	t.line = false
}

// attribute gives the value of an attribute in the inside of a tag.
func attribute(tag, name string) string {
	lower := strings.ToLower(tag)
	i := strings.Index(lower, " "+name+"=")
	if i < 0 || len(lower) != len(tag) {
		return ""
	}
	v := tag[i+len(name)+2:]
	if v != "" && (v[0] == '"' || v[0] == '\'') {
		if end := strings.IndexByte(v[1:], v[0]); end >= 0 {
			return html.UnescapeString(v[1 : end+1])
		}
		return ""
	}
	v, _, _ = strings.Cut(v, " ")
	return html.UnescapeString(v)
}
