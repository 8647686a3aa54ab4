package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"
	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/rewrite"
)

// demoTimeout bounds the whole demonstration.
const demoTimeout = 30 * time.Second

func newDemoCmd(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Demonstrate on this machine what goes wrong with meeting messages, and how Reconvene repairs them",
		Long: `Starts a receiving mail server that is as strict as systems in use, and sends it an
invitation, an update and a cancellation as Exchange 2003 writes them. Then it
starts the relay and sends the same messages through it.

It requires no configuration, uses only the loopback interface, and ends by
itself. Exit status: 0 if everything happened as shown, otherwise 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), demoTimeout)
			defer cancel()
			if err := runDemo(ctx, e); err != nil {
				return fmt.Errorf("the demonstration failed: %w", err)
			}
			return nil
		},
	}
}

// act is one way of sending the mails, and what came of it.
type act struct {
	results [][]outcome // for each mail, what each reader made of it
	arrived [][]byte    // for each mail, what the receiver got
	applied []string    // for each mail, what the relay says that it repaired
	end     []outcome   // what the calendars show at the end
}

func runDemo(ctx context.Context, e *env) error {
	s := newStyle(e, e.stdout)
	mails := demoMails(e.now())
	rcv, err := startReceiver()
	if err != nil {
		return fmt.Errorf("no receiver on the loopback: %w", err)
	}
	defer rcv.Close(ctx)

	demoText(e, s.bold("Marta uses Exchange 2003. She invites Ben, moves the meeting, and cancels it."),
		"Ben reads the same messages in three systems, each strict in a different way.")
	demoTitle(e, s, "1  Without Reconvene", "Exchange 2003 → Ben's mail server")
	plain, err := playAct(ctx, e, s, rcv, rcv.address, mails)
	if err != nil {
		return err
	}

	rcv.forget()
	demoTitle(e, s, "2  With Reconvene", "Exchange 2003 → Reconvene → Ben's mail server")
	repaired, err := playThroughRelay(ctx, e, s, rcv, mails)
	if err != nil {
		return err
	}

	demoTitle(e, s, "3  What Reconvene changed", "in the calendars, and nowhere else")
	for i, m := range mails {
		if i < len(repaired.applied) {
			fmt.Fprintf(e.stdout, "  %s\n%s\n", m.title, s.dim(wrap(strings.ReplaceAll(repaired.applied[i], ",", ", "), "    ", 96)))
		}
	}
	fmt.Fprintln(e.stdout)
	last := len(mails) - 1
	if err := diffMails(e.stdout, s, "cancellation", bytes.NewReader(mails[last].text), bytes.NewReader(repaired.arrived[last]), rewrite.Mail); err != nil {
		return err
	}
	demoTitle(e, s, "4  Who knows that the meeting is cancelled", "")
	showEnd(e, s, plain, repaired)
	if err := checkStory(mails, plain, repaired); err != nil {
		return err
	}
	demoText(e, "", `"reconvene remedies seq-cdo" explains a repair; "reconvene fix --diff FILE" shows the`,
		`repairs of your own messages; "reconvene serve --help" explains how to run the relay.`)
	return nil
}

// playThroughRelay runs the real relay on a free port between the two servers.
func playThroughRelay(ctx context.Context, e *env, s style, rcv *receiver, mails []demoMail) (act, error) {
	cfg, problems := config.Load("", nil)
	if err := problems.Err(); err != nil {
		return act{}, err
	}
	own := *cfg
	own.Hostname = "smarthost.contoso.example"
	own.Admin.Address = ""
	l := cfg.Listeners[0]
	l.Name, l.Address = "demo", "127.0.0.1:0"
	own.Listeners = []config.Listener{l}
	own.Routes = []config.Route{{Via: []string{rcv.address}, TLS: "off", Profile: "auto"}}
	book := &repairBook{}
	srv, err := relay.New(relay.Options{Config: &own, Now: e.now, Log: relay.NewMailLog(book, e.now)})
	if err != nil {
		return act{}, err
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(serving) }()
	played, err := playAct(ctx, e, s, rcv, srv.Addr("demo").String(), mails)
	stop()
	err = errors.Join(err, <-done)
	played.applied = book.applied() // complete: the relay has ended
	return played, err
}

// repairBook is a log handler that stores the repairs of each message.
type repairBook struct {
	mu   sync.Mutex
	list []string
}

func (b *repairBook) Enabled(context.Context, slog.Level) bool { return true }
func (b *repairBook) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *repairBook) WithGroup(string) slog.Handler            { return b }

func (b *repairBook) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "applied" {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.list = append(b.list, a.Value.String())
		}
		return true
	})
	return nil
}

func (b *repairBook) applied() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.list
}

// playAct sends the mails one after the other and shows what happens.
func playAct(ctx context.Context, e *env, s style, rcv *receiver, address string, mails []demoMail) (act, error) {
	var a act
	for _, m := range mails {
		reply, err := sendMail(ctx, address, m.text)
		if err != nil {
			return a, fmt.Errorf("%s was not accepted: %w", m.title, err)
		}
		arrived, saw := rcv.take()
		if arrived == nil {
			return a, fmt.Errorf("%s did not arrive although the server said %q", m.title, reply)
		}
		a.arrived, a.results = append(a.arrived, arrived), append(a.results, saw)
		fmt.Fprintf(e.stdout, "\n  %s  %s\n", s.bold(m.title), s.dim("("+oneLine(reply, 60)+")"))
		for _, o := range saw {
			mark, words := s.green("accepted"), visible(o.Words)
			if !o.Accepted {
				mark = s.red("ignored ")
			}
			fmt.Fprintf(e.stdout, "    %-14s %s  %s\n", o.Reader, mark, oneLine(words, 100))
		}
	}
	a.end = rcv.shows()
	return a, nil
}

// sendMail sends a mail to a server as Exchange does and returns the reply.
func sendMail(ctx context.Context, address string, text []byte) (string, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	c := smtp.NewClient(conn)
	defer c.Close()
	if err := c.Hello("exch01.contoso.example"); err != nil {
		return "", err
	}
	if err := c.Mail(demoFrom, &smtp.MailOptions{Body: smtp.Body8BitMIME}); err != nil {
		return "", err
	}
	if err := c.Rcpt(demoTo, nil); err != nil {
		return "", err
	}
	w, err := c.Data()
	if err != nil {
		return "", err
	}
	if _, err := w.Write(text); err != nil {
		return "", err
	}
	reply, err := w.CloseWithResponse()
	if err != nil {
		return "", err
	}
	return "250 " + reply.StatusText, c.Quit()
}

// showEnd puts the calendars of both acts side by side.
func showEnd(e *env, s style, plain, repaired act) {
	width := 0
	for _, o := range plain.end {
		width = max(width, utf8.RuneCountInString(o.Words))
	}
	fmt.Fprintf(e.stdout, "  %s\n", s.dim(fmt.Sprintf("%-14s  %-*s  %s", "Ben's system", width, "without", "with Reconvene")))
	for i, o := range plain.end {
		paint := s.red
		if o.Accepted {
			paint = s.green
		}
		with := repaired.end[i]
		paintWith := s.red
		if with.Accepted {
			paintWith = s.green
		}
		fmt.Fprintf(e.stdout, "  %-14s  %s  %s\n", o.Reader, paint(fmt.Sprintf("%-*s", width, o.Words)), paintWith(with.Words))
	}
	fmt.Fprintln(e.stdout)
}

// checkStory makes sure that what was shown is what was promised: without the
// relay nobody learns of the cancellation, with it everybody does, and nothing
// but the calendar was touched.
func checkStory(mails []demoMail, plain, repaired act) error {
	if !plain.results[0][0].Accepted {
		return errors.New("without the relay, Notes did not accept the invitation")
	}
	for i, m := range mails {
		for j, o := range repaired.results[i] {
			if !o.Accepted {
				return fmt.Errorf("%s did not accept %s from the relay: %s", o.Reader, m.title, o.Words)
			}
			if before := plain.results[i][j]; before.Accepted && i > 0 {
				return fmt.Errorf("%s accepted %s without the relay", before.Reader, m.title)
			}
		}
		if err := sameOutside(m.text, repaired.arrived[i]); err != nil {
			return fmt.Errorf("%s: %w", m.title, err)
		}
	}
	for i, o := range repaired.end {
		if !o.Accepted || plain.end[i].Accepted {
			return fmt.Errorf("%s shows %q without and %q with the relay", o.Reader, plain.end[i].Words, o.Words)
		}
	}
	return nil
}

// sameOutside checks that everything before the calendar part arrived as
// it was sent, after the fields that the relay put on top.
func sameOutside(sent, arrived []byte) error {
	const mark = "Content-Type: text/calendar"
	before, _, ok := bytes.Cut(sent, []byte(mark))
	got, _, ok2 := bytes.Cut(arrived, []byte(mark))
	if !ok || !ok2 || !bytes.HasSuffix(got, before) {
		return errors.New("the relay changed something outside the calendar")
	}
	return nil
}

func demoTitle(e *env, s style, title, note string) {
	fmt.Fprintf(e.stdout, "\n%s\n", strings.TrimRight(s.bold(s.cyan(title))+"  "+s.dim(note), " "))
	if strings.HasPrefix(title, "3") || strings.HasPrefix(title, "4") {
		fmt.Fprintln(e.stdout)
	}
}

func demoText(e *env, lines ...string) {
	for _, l := range lines {
		fmt.Fprintln(e.stdout, l)
	}
}
