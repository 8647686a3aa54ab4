package main

import (
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// style writes text for people: in colour when it is written to a terminal with
// colours, plain otherwise. The zero value is plain.
type style struct{ on bool }

// newStyle looks at where the output goes. NO_COLOR (with any value but the
// empty one) and TERM=dumb switch colours off, CLICOLOR_FORCE=1 on.
func newStyle(e *env, w io.Writer) style {
	switch {
	case e.getenv("NO_COLOR") != "":
		return style{}
	case e.getenv("CLICOLOR_FORCE") == "1":
		return style{on: true}
	case e.getenv("TERM") == "dumb":
		return style{}
	}
	f, ok := w.(*os.File)
	return style{on: ok && term.IsTerminal(int(f.Fd())) && enableColour(f)}
}

func (s style) bold(t string) string   { return s.paint("1", t) }
func (s style) dim(t string) string    { return s.paint("2", t) }
func (s style) red(t string) string    { return s.paint("31", t) }
func (s style) green(t string) string  { return s.paint("32", t) }
func (s style) yellow(t string) string { return s.paint("33", t) }
func (s style) cyan(t string) string   { return s.paint("36", t) }

// alarm is for the one line that must not be overlooked.
func (s style) alarm(t string) string { return s.paint("1;97;41", t) }

func (s style) paint(code, t string) string {
	if !s.on || t == "" {
		return t
	}
	return "\x1b[" + code + "m" + t + "\x1b[0m"
}

// getenv returns an environment variable of e, "" without one.
func (e *env) getenv(name string) string {
	for i := len(e.environ) - 1; i >= 0; i-- {
		if k, v, _ := strings.Cut(e.environ[i], "="); k == name {
			return v
		}
	}
	return ""
}

// visible makes a stranger's text safe for a terminal: what is no printable
// character is written as a picture of it (␀ to ␡) or as "�", so that no mail
// can move the cursor, change the title or hide a line.
func visible(s string) string {
	clean := func(r rune) bool { return r == '\t' || unicode.IsPrint(r) }
	if utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !clean(r) }) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case clean(r):
			return r
		case r < 0x20:
			return 0x2400 + r
		case r == 0x7f:
			return 0x2421
		default:
			return utf8.RuneError
		}
	}, s)
}

// oneLine is visible text without line breaks, cut at n characters.
func oneLine(s string, n int) string {
	s = strings.Join(strings.Fields(visible(strings.ReplaceAll(s, "\n", " "))), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n-1]) + "…"
}

// wrap breaks text at blanks into lines of at most width characters, each
// after the indent.
func wrap(s, indent string, width int) string {
	var b strings.Builder
	n := 0
	for _, w := range strings.Fields(s) {
		l := utf8.RuneCountInString(w)
		switch {
		case n == 0:
			b.WriteString(indent)
			n = len(indent)
		case n+1+l > width:
			b.WriteString("\n" + indent)
			n = len(indent)
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(w)
		n += l
	}
	return b.String()
}
