package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/logfile"
)

// printTrace prints the messages in their order, and then what each recipient has,
// which may also depend on further messages.
func printTrace(e *env, messages []*logfile.Message, meetings []logfile.Meeting, further int) error {
	w := bufio.NewWriter(e.stdout)
	s := newStyle(e, e.stdout)
	for _, m := range messages {
		printMessage(w, s, m)
	}
	if further > 0 {
		fmt.Fprintf(w, "The log has %s about what follows; --uid shows all.\n\n", count(further, "further message"))
	}
	for _, m := range meetings {
		fmt.Fprintf(w, "%s %s\n", s.bold("Meeting"), logText(m.UID))
		for _, r := range m.Recipients {
			printRecipient(w, s, r)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func printMessage(w io.Writer, s style, m *logfile.Message) {
	l := m.Line
	if l == nil {
		fmt.Fprintf(w, "%s  (its first line is in another file)  id %s\n", stamp(m.Time()), logText(m.Before[0].Get("id")))
	} else {
		head := []string{stamp(l.Time)}
		if method := l.Get("method"); method != "" {
			head = append(head, words(method, sequence(l)))
		}
		if subject := l.Get("subject"); subject != "" {
			head = append(head, fmt.Sprintf("%q", logText(subject)))
		}
		fmt.Fprintln(w, s.bold(logText(strings.Join(head, "  "))))
		fmt.Fprintf(w, "    from %s  %s  id %s\n", logText(l.Get("from")), logText(l.Get("msgid")), logText(l.Get("id")))
		fmt.Fprintf(w, "    %s%s\n", logText(outcomeText(l)), logText(because(l)))
	}
	for _, b := range m.Before {
		if b.Msg != "recipient" && b.Msg != "component" {
			fmt.Fprintf(w, "    %s: %s\n", b.Msg, logText(words(b.Get("what"), b.Get("form"), b.Get("why"), answerOf(b))))
		}
	}
	for _, c := range m.Components {
		fmt.Fprintf(w, "    %s %s %s %s\n", c.Get("component"), logText(c.Get("uid")), logText(c.Get("recurrence_id")), sequence(c))
	}
	for _, r := range m.Recipients {
		answer := answerOf(r)
		if l == nil { // else the message said why
			answer = words(r.Get("why"), answer)
		}
		fmt.Fprintf(w, "      %-32s %-9s %s\n", logText(r.Get("to")), r.Get("verdict"), logText(answer))
	}
	fmt.Fprintln(w)
}

// outcomeText returns what the receivers have.
func outcomeText(l *logfile.Line) string {
	text := l.Get("outcome")
	if why, ok := outcomes[text]; ok {
		text += ": " + why
	}
	return text
}

func because(l *logfile.Line) string {
	var out string
	if applied := l.Values["applied"]; len(applied) > 0 {
		out += " (" + strings.Join(applied, ", ") + ")"
	}
	if why := l.Get("why"); why != "" {
		out += "; " + why
	}
	return out
}

// answerOf is what was replied, who did, and the error behind it, unless the reply has
// that already.
func answerOf(l *logfile.Line) string {
	reply := words(l.Get("code"), l.Get("reply"))
	out := reply
	if hop := l.Get("nexthop"); hop != "" {
		out = words(out, "— "+hop)
	}
	if err := l.Get("error"); err != "" && !strings.Contains(reply, err) {
		out = words(out, "("+err+")")
	}
	return out
}

// words joins what is not empty.
func words(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// sequence is the revision; a meeting that is only enclosed has none.
func sequence(l *logfile.Line) string {
	if l.Get("seq") == "" {
		return ""
	}
	out := "revision " + l.Get("seq")
	if sent := l.Get("seq_sent"); sent != "" {
		out += " (sent as " + sent + ")"
	}
	return out
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05Z07:00") }

func printRecipient(w io.Writer, s style, r logfile.Recipient) {
	status := strings.ToUpper(r.Status())
	if r.Status() == "notified" {
		status = "notified"
	} else {
		status = s.yellow(status)
	}
	fmt.Fprintf(w, "  %-32s %s\n", logText(r.Address), status)
	if r.Has != nil {
		fmt.Fprintf(w, "      has        %s\n", logText(r.Has.String()))
	}
	if r.Text != nil {
		fmt.Fprintf(w, "      got a text %s; the calendar still shows the earlier revision\n", logText(r.Text.String()))
	}
	for _, m := range r.Missed {
		why := strings.TrimSpace(fmt.Sprintf("%s %s", codeText(m.Code), m.Reply))
		if why == "" {
			why = m.Why
		}
		fmt.Fprintf(w, "      missed     %s: %s %s\n", logText(m.String()), m.Verdict, logText(why))
	}
}

func codeText(code int) string {
	if code == 0 {
		return ""
	}
	return fmt.Sprint(code)
}

// traceReport is what --json prints.
type traceReport struct {
	Messages []tracedMessage   `json:"messages"`
	Meetings []logfile.Meeting `json:"meetings"`
}

type tracedMessage struct {
	Message    map[string][]string   `json:"message,omitempty"`
	Before     []map[string][]string `json:"before,omitempty"`
	Components []map[string][]string `json:"components,omitempty"`
	Recipients []map[string][]string `json:"recipients,omitempty"`
}

func printTraceJSON(e *env, messages []*logfile.Message, meetings []logfile.Meeting) error {
	r := traceReport{Messages: []tracedMessage{}, Meetings: meetings}
	values := func(lines []*logfile.Line) (out []map[string][]string) {
		for _, l := range lines {
			out = append(out, l.Values)
		}
		return out
	}
	for _, m := range messages {
		t := tracedMessage{Before: values(m.Before), Components: values(m.Components), Recipients: values(m.Recipients)}
		if m.Line != nil {
			t.Message = m.Line.Values
		}
		r.Messages = append(r.Messages, t)
	}
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}
