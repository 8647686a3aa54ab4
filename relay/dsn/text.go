package dsn

import (
	"fmt"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"
)

// width is where the text for people is broken, so that quoted-printable does not break
// a line of ASCII again.
const width = 72

// order is that of the groups of recipients: what needs to be done comes first.
var order = []Action{Failed, Expired, Delayed, Relayed, Delivered}

// writeText writes the part for people. Quoted-printable keeps it within 7 bits and
// short lines, whatever addresses and replies have.
func (r *Report) writeText(w *writer, p returned) {
	w.text("Content-Type: text/plain; charset=utf-8\r\nContent-Language: " + r.Language.String() +
		"\r\nContent-Transfer-Encoding: " + quotedPrintable + "\r\n\r\n")
	q := quotedprintable.NewWriter(w)
	_, err := q.Write([]byte(strings.ReplaceAll(r.text(p), "\n", "\r\n")))
	if err != nil && w.err == nil {
		w.err = err
	}
	w.close(q)
}

// text returns the text for people, with lines that end in LF.
func (r *Report) text(p returned) string {
	w := r.words()
	var b strings.Builder
	wrap(&b, "", fmt.Sprintf(w.automatic, line(r.Hostname)))
	b.WriteString("\n" + r.about(w) + "\n")
	for _, a := range order {
		r.group(&b, w, a)
	}
	switch {
	case p.full:
		wrap(&b, "", w.full)
	case p.mediaType != "":
		wrap(&b, "", w.header)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// about identifies the message.
func (r *Report) about(w *words) string {
	var s string
	if r.Meeting != nil {
		s = r.Meeting.facts(r.Subject).Details(r.Language)
	} else if title := line(r.Subject); title != "" {
		s = w.subjectLabel + " " + title + "\n"
	}
	if date(r.Arrived) != "" {
		s += w.arrived + " " + r.Language.Time(clock(r.Arrived)) + "\n"
	}
	return s
}

// group writes what happened for the recipients with one action.
func (r *Report) group(b *strings.Builder, w *words, a Action) {
	var list []Recipient
	for _, rcpt := range r.Recipients {
		if rcpt.Action == a || a == Failed && rank[rcpt.Action] == 0 && rcpt.Action != Expired {
			list = append(list, rcpt)
		}
	}
	if len(list) == 0 {
		return
	}
	wrap(b, "", w.happened[a])
	for _, rcpt := range list {
		b.WriteString("\n")
		wrap(b, "  ", line(rcpt.Path))
		r.reason(b, w, rcpt)
	}
	b.WriteString("\n")
	if until := r.retryUntil(); a == Delayed && date(until) != "" {
		wrap(b, "", fmt.Sprintf(w.until, r.Language.Time(clock(until))))
		b.WriteString("\n")
	}
	if s := r.consequence(a, w); s != "" {
		wrap(b, "", s)
		b.WriteString("\n")
	}
}

// reason writes the words of the server and what they mean.
func (r *Report) reason(b *strings.Builder, w *words, rcpt Recipient) {
	v := rcpt.Verdict
	if action := rcpt.Action.reported(); action == Delivered || action == Relayed {
		if host := line(remoteHost(v.Remote)); host != "" {
			wrap(b, "    ", fmt.Sprintf(w.by, host))
		}
		return
	}
	switch words := line(v.Reply()); {
	case v.Remote != "":
		wrap(b, "    ", fmt.Sprintf(w.replied, line(remoteHost(v.Remote)))+" "+line(v.Error()))
	case words != "":
		wrap(b, "    ", w.reason+" "+words)
	}
	if s := w.meaning[meaningOf(rcpt.status())]; s != "" {
		wrap(b, "    ", s)
	}
}

// meaning is what a status code means for the sender.
type meaning uint8

const (
	unclear meaning = iota
	noAddress
	noDomain
	mailboxFull
	tooLarge
	noContent
	notAllowed
	unreachable
)

// meanings are the status codes (RFC 3463) that tell the sender something to do. The
// class is left out: for the sender it follows from the action.
var meanings = map[string]meaning{
	"1.1": noAddress, "1.6": noAddress, "2.1": noAddress, "1.2": noDomain, "1.10": noDomain, "4.4": noDomain,
	"2.2": mailboxFull, "2.3": tooLarge, "3.4": tooLarge,
	"6.0": noContent, "6.1": noContent, "6.2": noContent, "6.3": noContent, "6.5": noContent, "7.1": notAllowed,
	"4.1": unreachable, "4.2": unreachable, "4.7": unreachable,
}

func meaningOf(status string) meaning {
	_, detail, _ := strings.Cut(status, ".")
	return meanings[detail]
}

// wrap writes a text broken at words, each line moved in.
func wrap(b *strings.Builder, indent, text string) {
	at := 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case at > 0 && at+1+n > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		case at > 0:
			b.WriteByte(' ')
			at++
		default:
			b.WriteString(indent)
			at = len(indent)
		}
		b.WriteString(word)
		at += n
	}
	b.WriteByte('\n')
}

// words returns the sentences of the language, English for a value that does not exist.
func (r *Report) words() *words {
	if w, ok := languages[r.Language]; ok {
		return w
	}
	return languages[0]
}
