package notice

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bounds of what a stranger chose, in octets.
const (
	maxLine     = 500
	maxOriginal = 16 << 10
)

// width is where paragraphs are broken.
const width = 76

// Text returns the notice. Its lines end in LF.
func (f Facts) Text(l Language) string {
	w := l.words()
	var b strings.Builder
	paragraph(&b, f.happened(w)+" "+w.refused+" "+f.todo(w))
	if f.File != "" {
		paragraph(&b, fmt.Sprintf(w.attached, f.File))
	}
	f.details(&b, w)
	b.WriteByte('\n')
	if who := f.contact(); who != (Person{}) {
		ask := w.question
		if f.Kind == Invitation || f.Kind == Update {
			ask = w.ask
		}
		paragraph(&b, fmt.Sprintf(ask, oneLine(who.String())))
	}
	if text := original(f.Original); text != "" {
		b.WriteString(strings.Repeat("_", 60) + "\n" + w.original + "\n\n" + text + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// Proposal returns a text which only reports that another time is proposed, and
// which one. Its lines end in LF.
func (f Facts) Proposal(l Language) string {
	w := l.words()
	var b strings.Builder
	paragraph(&b, w.happened[Counter])
	f.times(&b, w)
	return b.String()
}

func (f Facts) happened(w *words) string {
	if f.OneDate && int(f.Kind) < len(w.oneDate) {
		return w.oneDate[f.Kind]
	}
	return w.happened[f.Kind]
}

func (f Facts) todo(w *words) string {
	switch f.Kind {
	case Invitation:
		return w.enter
	case Update:
		return w.change
	case Cancellation:
		return w.remove
	}
	return w.reply
}

// contact is who can be asked: who organizes, or who answered.
func (f Facts) contact() Person {
	if f.Kind >= Accepted && f.Sender != (Person{}) || f.Host == (Person{}) {
		return f.Sender
	}
	return f.Host
}

// details writes the lines with labels.
func (f Facts) details(b *strings.Builder, w *words) {
	line(b, w.subject, f.Summary)
	f.times(b, w)
	if len(f.Dates) > 0 {
		b.WriteString(w.dates + "\n")
		for _, t := range f.Dates { // on the clock of the first line above
			b.WriteString("  " + w.cal.write(t) + "\n")
		}
		if f.More {
			b.WriteString("  " + w.more + "\n")
		}
	}
	line(b, w.where, f.Where)
	line(b, w.host, f.Host.String())
	if f.Sender != f.Host {
		line(b, w.sender, f.Sender.String())
	}
}

// times writes when, on each clock, and which date of a series is meant.
func (f Facts) times(b *strings.Builder, w *words) {
	for i, t := range f.When {
		label := w.when
		if i > 0 {
			label = strings.Repeat(" ", utf8.RuneCountInString(w.when))
		}
		fmt.Fprintf(b, "%s %s\n", label, w.time(t))
	}
	if f.Affected != nil {
		line(b, w.affected, w.time(*f.Affected))
	}
}

// time writes a time and on whose clock it is.
func (w *words) time(t Time) string {
	s := w.cal.write(t)
	switch {
	case t.Days:
		return s
	case t.Zone == "":
		return s + " (" + w.local + ")"
	case t.Offset != "" && t.Offset != t.Zone:
		return s + " (" + oneLine(t.Zone) + ", " + t.Offset + ")"
	}
	return s + " (" + oneLine(t.Zone) + ")"
}

func line(b *strings.Builder, label, text string) {
	if text = oneLine(text); text != "" {
		b.WriteString(label + " " + text + "\n")
	}
}

// oneLine makes a line of a text that a stranger chose.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if len(s) > maxLine {
		s = strings.ToValidUTF8(s[:maxLine], "") + "…"
	}
	return s
}

// clean takes control characters out, and those that change the direction of
// the text after them.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029,
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
}

// original is the text of the message within bounds. A line that starts with
// two dashes, as a signature does, is moved in: in a mail it could be taken for
// a delimiter.
func original(s string) string {
	s = strings.Trim(clean(strings.ReplaceAll(s, "\r\n", "\n")), " \t\n")
	s = strings.ReplaceAll("\n"+s, "\n--", "\n --")[1:]
	if len(s) > maxOriginal {
		s = strings.ToValidUTF8(s[:maxOriginal], "") + "\n…"
	}
	return s
}

// paragraph writes a text broken at words, and an empty line.
func paragraph(b *strings.Builder, text string) {
	at := 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case at == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	b.WriteString("\n\n")
}

// Cancelled returns a text which reports that a meeting is cancelled, and which one.
// Its lines end in LF.
func (f Facts) Cancelled(l Language) string {
	w := l.words()
	var b strings.Builder
	paragraph(&b, f.happened(w))
	f.details(&b, w)
	if who := f.contact(); who != (Person{}) {
		b.WriteByte('\n')
		paragraph(&b, fmt.Sprintf(w.question, oneLine(who.String())))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
