package main

import (
	"bytes"
	"errors"
	"fmt"
	stdmime "mime"
	"net/mail"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

func newTNEFCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tnef",
		Short: "Make samples of winmail.dat",
		Long: `winmail.dat (TNEF) is the format in which Exchange and Outlook send a meeting to
some recipients; only Outlook can read it. "reconvene inspect" shows its content,
"reconvene fix" converts it to a calendar.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(newPackCmd(e))
	return cmd
}

func newPackCmd(e *env) *cobra.Command {
	var asMail bool
	cmd := &cobra.Command{
		Use:   "pack FILE",
		Short: "Put the meeting from an .ics file or a message into a winmail.dat",
		Long: `Writes the meeting from an .ics file or a message to standard output as Exchange
wraps it for Outlook: as a winmail.dat, or with --mail as a complete message that
contains the winmail.dat. Use the sample to test how a gateway treats it.`,
		Example: `  reconvene tnef pack meeting.ics > winmail.dat
  reconvene tnef pack --mail meeting.ics > mail.eml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one file, or \"-\" for standard input")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			out, err := pack(e, args[0], asMail)
			if err != nil {
				return err
			}
			_, err = e.stdout.Write(out)
			return err
		},
	}
	cmd.Flags().BoolVar(&asMail, "mail", false, "write a complete message that contains the winmail.dat")
	return cmd
}

func pack(e *env, name string, asMail bool) ([]byte, error) {
	names, err := expand([]string{name})
	if err != nil {
		return nil, err
	}
	if len(names) > 1 {
		return nil, fmt.Errorf("%s matches %d files; name one", visible(name), len(names))
	}
	name = names[0]
	in, err := openInput(e, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	parts, err := readCalendars(in.src, in.form)
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: contains no calendar", name)
	}
	p := parts[0]
	if p.Err != nil {
		return nil, fmt.Errorf("%s: %w", name, p.Err)
	}
	head := mailOf(p.Text)
	if p.Path != "" {
		head = outerOf(in.src)
	}
	m, err := tnef.FromCalendar(utf8Text(p.Text), head)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if !asMail {
		return tnef.Write(m), nil
	}
	return packedMail(head, tnef.Write(m)), nil
}

// outerOf reads the header of the message around its calendar.
func outerOf(src rewrite.Source) tnef.Outer {
	var o tnef.Outer
	tree, err := mime.Scan(src, mime.Limits{})
	if err != nil {
		return o
	}
	h, err := mime.ReadHeader(src, tree.Root())
	if err != nil {
		return o
	}
	msg, err := mail.ReadMessage(bytes.NewReader(append(h.Octets, "\r\n"...)))
	if err != nil {
		return o
	}
	o.To, _ = msg.Header.AddressList("To")
	o.Cc, _ = msg.Header.AddressList("Cc")
	o.Date, _ = msg.Header.Date()
	if from, err := msg.Header.AddressList("From"); err == nil {
		o.From = from[0]
	}
	if sender, err := msg.Header.AddressList("Sender"); err == nil {
		o.Sender = sender[0]
	}
	if head := readHead(src); head != nil {
		o.Subject = head.Subject
	}
	return o
}

// mailOf says what mail a calendar would travel in: from the organizer to the
// attendees, an answer the other way.
func mailOf(text []byte) tnef.Outer {
	var o tnef.Outer
	doc, err := ical.Parse(utf8Text(text), ical.Limits{})
	if err != nil || len(doc.Calendars()) == 0 {
		return o
	}
	cal := doc.Calendars()[0]
	method := strings.ToUpper(cal.Value("METHOD"))
	events := readEvents(cal)
	if len(events) == 0 {
		return o
	}
	ev := events[0]
	o.Subject = ev.Summary
	if ev.Stamp != nil {
		o.Date = ev.Stamp.at
	}
	if ev.Organizer != nil {
		o.From = &mail.Address{Name: ev.Organizer.Name, Address: ev.Organizer.Address}
	}
	for _, a := range ev.Attendees {
		o.To = append(o.To, &mail.Address{Name: a.Name, Address: a.Address})
	}
	if (method == "REPLY" || method == "COUNTER") && o.From != nil && len(o.To) > 0 {
		o.From, o.To = o.To[0], []*mail.Address{o.From}
	}
	return o
}

// packedMail is the mail in which Exchange sends a stream (RFC 2045): a text,
// here an empty one, and the stream.
func packedMail(o tnef.Outer, stream []byte) []byte {
	var b bytes.Buffer
	field := func(name string, list ...*mail.Address) {
		var all []string
		for _, a := range list {
			if a != nil {
				all = append(all, a.String())
			}
		}
		if len(all) > 0 {
			fmt.Fprintf(&b, "%s: %s\r\n", name, strings.Join(all, ",\r\n\t"))
		}
	}
	field("From", o.From)
	field("Sender", o.Sender)
	field("To", o.To...)
	field("Cc", o.Cc...)
	fmt.Fprintf(&b, "Subject: %s\r\n", stdmime.QEncoding.Encode("utf-8", o.Subject))
	if !o.Date.IsZero() {
		fmt.Fprintf(&b, "Date: %s\r\n", o.Date.Format("Mon, 2 Jan 2006 15:04:05 -0700"))
	}
	const boundary = "=_winmail"
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n" +
		"--" + boundary + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\r\n" +
		"--" + boundary + "\r\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\r\n" +
		"Content-Disposition: attachment; filename=\"winmail.dat\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	text := make([]byte, 0, mime.Base64Len(len(stream), "\r\n"))
	b.Write(mime.AppendBase64(text, stream, "\r\n", true))
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes()
}
