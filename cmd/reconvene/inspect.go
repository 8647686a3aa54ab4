package main

import (
	"errors"
	"fmt"
	stdmime "mime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// inspection is one element of "inspect --json".
type inspection struct {
	File     string         `json:"file"`
	Mail     *mailHead      `json:"mail,omitempty"` // absent for a bare calendar
	Meetings []meetingView  `json:"meetings"`
	Skipped  []rewrite.Skip `json:"skipped,omitempty"`
	Raw      []rawStream    `json:"raw,omitempty"` // with --raw
	Error    string         `json:"error,omitempty"`
}

type meetingView struct {
	Part     string        `json:"part,omitempty"`
	Sealed   string        `json:"sealed,omitempty"` // the media type that signs or encrypts it
	Method   string        `json:"method,omitempty"`
	Product  string        `json:"product,omitempty"` // PRODID
	Events   []event       `json:"events"`
	Findings []findingView `json:"findings"`

	Conformance *rewrite.Conformance `json:"conformance,omitempty"` // what RFC 5546 says, before and after the repair
}

// findingView is a finding with its explanation. Applied reports whether the
// relay would repair it for every receiver.
type findingView struct {
	remedy.Finding
	Why  string           `json:"why"`
	Only []remedy.Profile `json:"only,omitempty"`    // the receivers that it matters to, when it is not everybody
	In   bool             `json:"inbound,omitempty"` // it matters on the way in to our own Exchange alone
}

func newInspectCmd(e *env) *cobra.Command {
	var asJSON, raw bool
	cmd := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Show a meeting message: who, when, which revision, responses, and defects",
		Long: `Shows a meeting message or an .ics file in readable form: the method, the
organizer, the revision, the times in the meeting's time zone and in UTC, the
recurrence in words, one row for each attendee with the response and the tracking
status that Outlook stores for it, and each defect with its explanation.

It highlights meetings that contain the date 1 January 1601 (KB 938650): Exchange
2003 then sends no further update or cancellation of the meeting.

A meeting in a winmail.dat (TNEF) is shown like any other; with --raw its MAPI
properties are listed too. A winmail.dat alone can be named as well.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name at least one file, or \"-\" for standard input")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			args, err := expand(args)
			if err != nil {
				return err
			}
			return inspectAll(e, args, asJSON, raw)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON for a machine, a list with one object for each file")
	cmd.Flags().BoolVar(&raw, "raw", false, "also list the MAPI properties of a winmail.dat: names, types, values")
	return cmd
}

func inspectAll(e *env, names []string, asJSON, raw bool) error {
	all := make([]inspection, 0, len(names))
	failed := false
	for i, name := range names {
		in := inspect(e, name, raw)
		failed = failed || in.Error != ""
		if asJSON {
			all = append(all, in)
			continue
		}
		if i > 0 {
			fmt.Fprintln(e.stdout)
		}
		printInspection(e, in)
	}
	if asJSON {
		if err := writeJSON(e.stdout, all); err != nil {
			return err
		}
	}
	if failed {
		return exitError{code: exitProblem}
	}
	return nil
}

// inspect reads one file. What goes wrong is part of the result.
func inspect(e *env, name string, raw bool) inspection {
	out := inspection{File: name, Meetings: []meetingView{}}
	fail := func(err error) inspection {
		out.Error = err.Error()
		return out
	}
	in, err := openInput(e, name)
	if err != nil {
		return fail(err)
	}
	defer in.Close()
	parts, err := readCalendars(in.src, in.form)
	if err != nil {
		return fail(err)
	}
	var envelopes []rewrite.Envelope
	if in.form != rewrite.Calendar {
		envelopes, err = rewrite.Envelopes(in.src, rewrite.Limits{})
		if err != nil {
			return fail(err)
		}
		parts = append(parts, wrappedCalendars(envelopes)...)
		if raw {
			out.Raw = rawStreams(envelopes)
		}
	}
	if len(parts) == 0 || parts[0].Path != "" {
		out.Mail = readHead(in.src)
	}
	res, err := rewrite.Message(in.src, rewrite.Options{Form: in.form, Now: e.now(), EveryProfile: true, Conformance: true})
	if err != nil {
		out.Error = err.Error()
	}
	out.Skipped = withoutMeeting(res.Report.Skipped, envelopes)
	for _, p := range parts {
		out.Meetings = append(out.Meetings, viewMeetings(p, res.Report)...)
	}
	return out
}

// withoutMeeting adds each winmail.dat that shows no meeting and of which the
// relay says nothing: somebody who looks into a mail wants to know why.
func withoutMeeting(skipped []rewrite.Skip, envelopes []rewrite.Envelope) []rewrite.Skip {
	for _, e := range envelopes {
		what, why := "winmail.dat", ""
		if e.Part != "" {
			what, why = "part "+e.Part, "winmail.dat: "
		}
		said := slices.ContainsFunc(skipped, func(s rewrite.Skip) bool { return s.What == what })
		if e.Meeting != nil || e.Err == nil || said {
			continue
		}
		why += e.Err.Error()
		if e.Part == "" && e.Stream != nil && !errors.Is(e.Err, tnef.ErrNoMeeting) {
			why += "; the message that contained it may help: inspect that"
		}
		skipped = append(skipped, rewrite.Skip{What: what, Why: why})
	}
	return skipped
}

const whyTNEF = "The meeting is in a winmail.dat, which only Outlook can read: for every other receiver it is an attachment that cannot be opened, and the update or cancellation is lost."

// viewMeetings shows the calendars of one part, most often one.
func viewMeetings(p calendarPart, r rewrite.Report) []meetingView {
	if p.Err != nil {
		return nil // the report says why it was left alone
	}
	doc, err := ical.Parse(utf8Text(p.Text), ical.Limits{})
	if err != nil {
		return nil
	}
	var out []meetingView
	for _, cal := range doc.Calendars() {
		out = append(out, meetingView{
			Part: p.Path, Sealed: p.Sealed,
			Method:  strings.ToUpper(strings.TrimSpace(cal.Value("METHOD"))),
			Product: cal.Value("PRODID"), Events: readEvents(cal), Findings: []findingView{},
		})
	}
	if len(out) == 0 {
		return nil
	}
	for _, m := range r.Meetings {
		if m.Part != p.Path {
			continue
		}
		out[0].Conformance = m.Conformance
		for _, f := range m.Findings {
			view := findingView{Finding: f}
			if f.ID == "tnef" {
				view.Why = whyTNEF
			}
			if rem := remedy.Find(f.ID); rem != nil {
				view.Why = rem.Why
				view.In = rem.Way == remedy.OnlyIn
				if rem.Status() == "profile" {
					view.Only = rem.Profiles
				}
			}
			out[0].Findings = append(out[0].Findings, view)
		}
	}
	return out
}

// readHead reads the header fields of the mail that people know it by.
func readHead(src rewrite.Source) *mailHead {
	tree, err := mime.Scan(src, mime.Limits{})
	if err != nil {
		return nil
	}
	h, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return nil
	}
	words := stdmime.WordDecoder{}
	field := func(name string) string {
		f, ok := h.First(name)
		if !ok {
			return ""
		}
		text := strings.Join(strings.Fields(string(f.Body)), " ")
		if decoded, err := words.DecodeHeader(text); err == nil {
			return decoded
		}
		return text
	}
	raw := func(name string) string {
		f, _ := h.First(name)
		return addressList(strings.Join(strings.Fields(string(f.Body)), " "))
	}
	return &mailHead{Subject: field("subject"), From: raw("from"), To: raw("to"), Date: field("date")}
}
