package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// printer writes an inspection for people.
type printer struct {
	w io.Writer
	style
}

func printInspection(e *env, in inspection) {
	p := printer{e.stdout, newStyle(e, e.stdout)}
	fmt.Fprintln(p.w, p.bold(visible(in.File)))
	if in.Mail != nil {
		p.field("subject", in.Mail.Subject)
		p.field("from", in.Mail.From)
		p.field("to", in.Mail.To)
		p.field("date", in.Mail.Date)
	}
	for _, m := range in.Meetings {
		p.meeting(m)
	}
	for _, r := range in.Raw {
		p.raw(r)
	}
	for _, s := range in.Skipped {
		fmt.Fprintf(p.w, "\n  %s\n", p.yellow(visible(s.What)+" is left alone: "+visible(s.Why)))
	}
	switch {
	case in.Error != "":
		fmt.Fprintf(e.stderr, "reconvene: %s: %s\n", visible(in.File), visible(in.Error))
	case len(in.Meetings) == 0 && len(in.Raw) == 0:
		fmt.Fprintln(p.w, "  it contains no meeting")
	}
}

func (p printer) field(name, value string) {
	if value != "" {
		fmt.Fprintf(p.w, "  %s%s\n", p.dim(fmt.Sprintf("%-12s", name)), oneLine(value, 500))
	}
}

func (p printer) meeting(m meetingView) {
	title := m.Method
	if title == "" {
		title = "no METHOD"
	}
	title += " " + p.dim("("+methodWords(m.Method)+")")
	if m.Part != "" {
		title += p.dim(" in part " + m.Part)
	}
	if m.Sealed != "" {
		title += p.yellow(" signed or encrypted: " + m.Sealed)
	}
	fmt.Fprintf(p.w, "\n%s\n", p.bold(p.cyan(title)))
	p.field("made by", m.Product)
	for _, ev := range m.Events {
		p.event(ev)
	}
	p.findings(m.Findings)
	p.conformance(m.Conformance)
}

func methodWords(method string) string {
	words := map[string]string{
		"REQUEST": "an invitation or an update of one", "CANCEL": "a cancellation", "REPLY": "a response", "PUBLISH": "for information, no response is expected",
		"COUNTER": "an attendee proposes another time", "DECLINECOUNTER": "a proposal is declined", "ADD": "additional occurrences", "REFRESH": "an attendee requests the current version",
		"": "a calendar file, not an invitation",
	}[method]
	if words == "" {
		return "not a method of RFC 5546"
	}
	return words
}

func (p printer) event(ev event) {
	if ev.Kind != "VEVENT" {
		p.field("component", ev.Kind)
	}
	p.field("what", ev.Summary)
	if ev.Organizer != nil {
		p.field("organizer", personText(*ev.Organizer))
	}
	p.field("revision", revisionText(ev))
	p.times(ev)
	for _, r := range ev.Recurrence {
		p.field("repeats", r)
	}
	p.list("not on", ev.Excluded)
	p.list("also on", ev.Added)
	p.field("where", ev.Location)
	p.field("status", ev.Status)
	p.field("uid", ev.UID)
	p.attendees(ev.Attendees)
	p.year1601(ev.Year1601)
	fmt.Fprintln(p.w)
}

func (p printer) year1601(signs []string) {
	if len(signs) == 0 {
		return
	}
	fmt.Fprintf(p.w, "\n  %s\n", p.alarm(" !! KB 938650: the date 1 January 1601 "))
	for _, s := range signs {
		fmt.Fprintln(p.w, p.red(wrap(visible(s)+".", "     ", 96)))
	}
	fmt.Fprintln(p.w, wrap("It means that no response time is known. If the organizer's Exchange 2003 has stored it for an attendee, no further update or cancellation of the meeting can leave: it stays in the queue (event 327), and a non-delivery report 4.4.7 follows after two days.", "     ", 96))
}

func personText(a person) string {
	text := a.Address
	if a.Name != "" && a.Name != a.Address {
		text = a.Name + " <" + a.Address + ">"
	}
	if a.SentBy != "" {
		text += ", sent by " + a.SentBy
	}
	return text
}

func revisionText(ev event) string {
	text := "no SEQUENCE"
	if ev.Sequence != "" {
		text = "SEQUENCE " + ev.Sequence
	}
	if wholeNumber(ev.CDOSequence) > wholeNumber(ev.Sequence) {
		text += ", but Exchange counts " + ev.CDOSequence + " (X-MICROSOFT-CDO-APPT-SEQUENCE)"
	}
	if ev.Stamp != nil && !ev.Stamp.at.IsZero() {
		text += ", of " + ev.Stamp.at.Format("2 Jan 2006 15:04:05 UTC")
	}
	return text
}

// times shows begin and end in the zone of the meeting and in UTC.
func (p printer) times(ev event) {
	if ev.Occurrence != nil {
		p.field("occurrence", momentText(*ev.Occurrence))
	}
	if ev.Start == nil {
		return
	}
	s, end := *ev.Start, ev.End
	switch {
	case s.Local == "":
		p.field("when", s.Written+" (not a date)")
	case s.Date:
		text := s.wall.Format("Mon 2 Jan 2006") + ", all day"
		if end != nil && end.Date && end.wall.Sub(s.wall).Hours() > 24 {
			text = s.wall.Format("Mon 2 Jan 2006") + " to " + end.wall.AddDate(0, 0, -1).Format("Mon 2 Jan 2006") + ", all day"
		}
		p.field("when", text)
	default:
		p.field("when", spanText(s, end, ev.Duration))
		switch {
		case !s.at.IsZero():
			p.field("in UTC", spanUTC(s, end))
		case s.Zone == "":
			p.field("in UTC", "not known: a floating time, the same local time for every reader")
		default:
			p.field("in UTC", "not known: the zone is not declared, and its name is unknown")
		}
	}
}

const (
	longTime = "Mon 2 Jan 2006 15:04"
	hourTime = "15:04"
)

func spanText(s moment, end *moment, duration string) string {
	text := s.wall.Format(longTime)
	switch {
	case end != nil && end.Local != "":
		layout := longTime
		if end.wall.Format("20060102") == s.wall.Format("20060102") {
			layout = hourTime
		}
		text += " to " + end.wall.Format(layout)
		if end.Zone != s.Zone {
			text += " (" + end.Zone + ")"
		}
	case duration != "":
		text += " for " + duration
	}
	if s.Zone != "" {
		text += " in " + s.Zone
	}
	if s.Offset != "" && s.Zone != "UTC" {
		text += ", UTC" + s.Offset
	}
	return text
}

func spanUTC(s moment, end *moment) string {
	text := s.at.UTC().Format(longTime)
	if end != nil && !end.at.IsZero() {
		layout := longTime
		if end.at.UTC().Format("20060102") == s.at.UTC().Format("20060102") {
			layout = hourTime
		}
		text += " to " + end.at.UTC().Format(layout)
	}
	return text
}

func momentText(m moment) string {
	switch {
	case m.Local == "":
		return m.Written
	case m.Date:
		return m.wall.Format("Mon 2 Jan 2006")
	}
	text := m.wall.Format(longTime)
	if m.Zone != "" {
		text += " in " + m.Zone
	}
	if !m.at.IsZero() && m.Zone != "UTC" {
		text += ", " + m.at.UTC().Format("2 Jan 15:04 UTC")
	}
	return text
}

func (p printer) list(name string, ms []moment) {
	var out []string
	for i, m := range ms {
		if i == 12 {
			out = append(out, fmt.Sprintf("and %d more", len(ms)-i))
			break
		}
		switch {
		case m.Local == "":
			out = append(out, m.Written)
		case m.Date:
			out = append(out, m.wall.Format("Mon 2 Jan 2006"))
		default:
			out = append(out, m.wall.Format(longTime))
		}
	}
	p.field(name, strings.Join(out, ", "))
}

// attendees prints one row for each: what MFCMAPI shows in twelve steps.
func (p printer) attendees(list []attendee) {
	if len(list) == 0 {
		p.field("attendees", "none listed")
		return
	}
	fmt.Fprintln(p.w)
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  attendee\trole\tanswer\ttracking\treplied\t")
	for _, a := range list {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t\n", oneLine(personText(a.person), 60), roleWords(a), answerWords(a), trackWords(a), repliedText(a))
	}
	t.Flush()
	for i, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		switch {
		case i == 0:
			line = p.dim(line)
		case list[i-1].Year1601:
			line = p.red(line)
		}
		fmt.Fprintln(p.w, line)
	}
}

func roleWords(a attendee) string {
	role := map[string]string{"": "required", "REQ-PARTICIPANT": "required", "OPT-PARTICIPANT": "optional", "NON-PARTICIPANT": "informed", "CHAIR": "chair"}[strings.ToUpper(a.Role)]
	if role == "" {
		role = oneLine(a.Role, 20)
	}
	if a.Kind != "" {
		role += ", " + oneLine(strings.ToLower(a.Kind), 20)
	}
	return role
}

func answerWords(a attendee) string {
	answer := strings.ToLower(oneLine(a.Answer, 20))
	switch answer {
	case "":
		answer = "not stated"
	case "needs-action":
		answer = "none yet"
	}
	if a.Delegated != "" {
		answer += " " + oneLine(a.Delegated, 60)
	}
	return answer
}

// trackWords names PR_RECIPIENT_TRACKSTATUS as MFCMAPI shows it.
func trackWords(a attendee) string {
	if a.Tracking == nil {
		return "-"
	}
	return fmt.Sprintf("%d %s", *a.Tracking, []string{"none", "organized", "tentative", "accepted", "declined", "not responded"}[*a.Tracking])
}

func repliedText(a attendee) string {
	switch {
	case a.Replied == nil:
		return "-"
	case a.Year1601:
		return "1601-01-01 !!"
	case a.Replied.at.IsZero():
		return oneLine(a.Replied.Written, 30)
	default:
		return a.Replied.at.UTC().Format("2006-01-02 15:04 UTC")
	}
}
