package nexthop

import (
	"context"
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Dialogue is what was said in a transaction, for a person: the host that was used, and
// the commands and replies from MAIL on, without the message. It has nothing of the
// authentication. A transaction has one only when its context asks for it, see Record.
// It is not safe for concurrent use.
type Dialogue struct{ said []exchanged }

// exchanged is one command with its reply.
type exchanged struct {
	to    string // the recipient that it is about; "" is for all
	said  string // what we did or sent
	reply reply  // code 0: there was none
	err   error  // why there was none
}

// mostSaid bounds a dialogue: a message has some thousand recipients at most.
const mostSaid = 20_000

type dialogueKey struct{}

// Record returns a context for Envelope, and the dialogue of its transaction and of
// those after it with the same context.
func Record(ctx context.Context) (context.Context, *Dialogue) {
	d := new(Dialogue)
	return context.WithValue(ctx, dialogueKey{}, d), d
}

// dialogueOf returns the dialogue that a context asks for, or nil.
func dialogueOf(ctx context.Context) *Dialogue {
	d, _ := ctx.Value(dialogueKey{}).(*Dialogue)
	return d
}

// add adds a command. It does nothing for nil.
func (d *Dialogue) add(e exchanged) {
	if d != nil && len(d.said) < mostSaid {
		d.said = append(d.said, e)
	}
}

// connected adds the host that is used.
func (d *Dialogue) connected(c *conn, reused bool) {
	if d == nil {
		return
	}
	words := "connected to " + c.remote
	if reused {
		words = "used the open connection to " + c.remote
	}
	if name := c.tlsName(); name != "" {
		words += " with " + name
	}
	d.add(exchanged{said: words})
	if len(c.seen.keywords) > 0 {
		d.add(exchanged{said: "it offers " + strings.Join(c.seen.keywords, ", ")})
	}
}

// step adds a command of a batch and its reply.
func (d *Dialogue) step(b *batch, i int, r reply, err error) {
	if d == nil {
		return
	}
	start := 0
	if i > 0 {
		start = b.steps[i-1].end
	}
	command := strings.TrimSuffix(string(b.c.buf[start:b.steps[i].end]), "\r\n")
	d.add(exchanged{to: b.steps[i].to, said: "> " + envelope.CleanText([]byte(command)), reply: r, err: err})
}

// Lines returns the dialogue as far as it concerns a recipient: "> " is before a
// command, "< " before a line of a reply.
func (d *Dialogue) Lines(recipient string) (lines []string) {
	if d == nil {
		return nil
	}
	for _, e := range d.said {
		if e.to != "" && e.to != recipient {
			continue
		}
		lines = append(lines, e.said)
		if e.err != nil {
			lines = append(lines, "! "+envelope.CleanText([]byte(e.err.Error())))
		}
		for _, text := range e.reply.lines() {
			lines = append(lines, "< "+text)
		}
	}
	return lines
}

// lines returns a reply as it was sent.
func (r reply) lines() (lines []string) {
	if r.code == 0 {
		return nil
	}
	for i, text := range r.text {
		mark := "-"
		if i == len(r.text)-1 {
			mark = " "
		}
		v := envelope.Verdict{Enhanced: r.enhanced, Text: []string{text}}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%03d%s%s", r.code, mark, v.Reply()), " "))
	}
	return lines
}
