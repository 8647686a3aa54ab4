package nexthop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// step is one command of a batch.
type step struct {
	kind stepKind
	rcpt int    // of stepRcpt: which verdict it is
	to   string // of stepRcpt: the recipient
	end  int    // where its octets end in the connection's buffer
}

type stepKind uint8

const (
	stepReset stepKind = iota
	stepMail
	stepRcpt
	stepData
)

func (k stepKind) String() string { return [...]string{"RSET", "MAIL", "RCPT", "DATA"}[k] }

// batch is the commands that are sent together: [RSET] [MAIL] RCPT… [DATA].
type batch struct {
	c           *conn
	steps       []step
	reused      bool          // the connection was idle: it may be closed without notice
	utf8        bool          // the transaction is one with SMTPUTF8
	mailTimeout time.Duration // for the reply to MAIL; 0: as configured
}

// batch begins the commands of Envelope.
func (t *Transaction) batch(from envelope.ReversePath) *batch {
	b := &batch{c: t.c, reused: t.reused, utf8: from.UTF8 && t.c.ext.utf8, mailTimeout: t.mailTimeout}
	t.c.buf = t.c.buf[:0]
	if t.mailed {
		return b
	}
	if t.c.reset {
		b.add(stepReset, "RSET\r\n")
	}
	b.mail(from)
	return b
}

func (b *batch) add(kind stepKind, command string) {
	b.c.buf = append(b.c.buf, command...)
	b.steps = append(b.steps, step{kind: kind, end: len(b.c.buf)})
}

// mail adds MAIL with the parameters that the next hop offers (RFC 5321 §4.1.1.2).
// Those of DSN are omitted when it does not offer DSN.
func (b *batch) mail(from envelope.ReversePath) {
	buf, ext := b.c.buf, &b.c.ext
	buf = append(buf, "MAIL FROM:<"...)
	buf = append(buf, from.Path...)
	buf = append(buf, '>')
	if ext.sized && from.Size > 0 {
		buf = append(buf, " SIZE="...)
		buf = strconv.AppendInt(buf, from.Size, 10)
	}
	if ext.eightBit && from.Body != "" {
		buf = append(append(buf, " BODY="...), from.Body...)
	}
	if b.utf8 {
		buf = append(buf, " SMTPUTF8"...)
	}
	if from.RequireTLS && b.c.offersRequireTLS() {
		buf = append(buf, " REQUIRETLS"...)
	}
	if ext.dsn && from.Ret != "" {
		buf = append(append(buf, " RET="...), from.Ret...)
	}
	if ext.dsn && from.EnvID != "" {
		buf = append(append(buf, " ENVID="...), from.EnvID...)
	}
	b.c.buf = buf
	b.add(stepMail, "\r\n")
}

// rcpt adds RCPT (RFC 5321 §4.1.1.3), or returns why it must not be sent: a control
// character within a command would begin a second command.
func (b *batch) rcpt(n int, to envelope.Recipient) envelope.Verdict {
	start := len(b.c.buf)
	buf := append(b.c.buf, "RCPT TO:<"...)
	buf = append(buf, to.Path...)
	buf = append(buf, '>')
	if b.c.ext.dsn && to.Notify != "" {
		buf = append(append(buf, " NOTIFY="...), to.Notify...)
	}
	if b.c.ext.dsn && to.ORcpt != "" {
		original := to.ORcpt
		if !b.utf8 {
			original = envelope.ASCIIOriginal(original)
		}
		buf = append(append(buf, " ORCPT="...), original...)
	}
	if envelope.HasControl(buf[start:]) {
		return envelope.Refuse(553, [3]int{5, 1, 3}, "the forward-path or its parameters contain a control character")
	}
	b.c.buf = buf
	b.add(stepRcpt, "\r\n")
	last := &b.steps[len(b.steps)-1]
	last.rcpt, last.to = n, to.Path
	return envelope.Verdict{}
}

// exchange sends a batch and reads the replies. stale reports that the connection
// was closed before the reply to MAIL.
func (t *Transaction) exchange(ctx context.Context, from envelope.ReversePath, rcpts []envelope.Recipient, data bool) (verdicts []envelope.Verdict, stale bool) {
	if t.lacksUTF8 && from.ALabels {
		from, rcpts = inASCII(from, rcpts)
	}
	b := t.batch(from)
	verdicts = make([]envelope.Verdict, len(rcpts))
	sent := 0
	for i, to := range rcpts {
		if t.lacksUTF8 && !envelope.IsASCII(to.Path) {
			verdicts[i] = t.c.needsUTF8()
			continue
		}
		if verdicts[i] = b.rcpt(i, to); verdicts[i].Code == 0 {
			sent++
		}
	}
	if sent == 0 {
		return verdicts, false // MAIL is sent with the first recipient
	}
	c := t.c
	if data && c.ext.pipelining && !c.ext.chunking && t.data.Code == 0 {
		b.add(stepData, "DATA\r\n")
	}
	t.busy = true
	stop := c.cutOffWhenDone(ctx)
	defer stop()
	first := !t.mailed
	t.mailed = true
	switch {
	case t.failOnUnsolicited(ctx, "rest"):
		stale = first // nothing was sent
	case c.ext.pipelining:
		stale = t.pipeline(ctx, b, verdicts) && first
	default:
		stale = t.oneByOne(ctx, b, verdicts) && first
	}
	if !c.unusable && t.data.Code/100 != 3 && !t.failOnUnsolicited(ctx, "RCPT") && t.suspect {
		stale = t.confirmMail(ctx) && first
	}
	t.busy = false
	if !stop() && t.dead.Code == 0 {
		t.fail(c.lost(ctx, "RCPT", ctx.Err()))
	}
	if t.dead.Code != 0 {
		t.failRecipients(verdicts)
		t.release()
	}
	return verdicts, stale
}

// inASCII returns an envelope with A-labels in place of domains in other scripts.
func inASCII(from envelope.ReversePath, rcpts []envelope.Recipient) (envelope.ReversePath, []envelope.Recipient) {
	from.Path = envelope.ASCIIPath(from.Path)
	list := slices.Clone(rcpts)
	for i := range list {
		list[i].Path = envelope.ASCIIPath(list[i].Path)
	}
	return from, list
}

// failRecipients makes the verdict that ended the transaction the one of each
// recipient without a verdict, and, after an unsolicited reply, of all whose verdict
// seems to come from the next hop.
func (t *Transaction) failRecipients(verdicts []envelope.Verdict) {
	astray := errors.Is(t.dead.Cause, errUnsolicited) || errors.Is(t.dead.Cause, errReply)
	for i, v := range verdicts {
		if v.Code == 0 || astray && v.Remote != "" {
			verdicts[i] = t.dead
		}
	}
}

// pipeline writes all commands at once (RFC 2920 §3.1).
func (t *Transaction) pipeline(ctx context.Context, b *batch, verdicts []envelope.Verdict) (stale bool) {
	join, err := t.c.sendAside(t.c.buf)
	for i, s := range b.steps {
		var r reply
		r, err = t.answer(b, i, err)
		t.dialogue.step(b, i, r, err)
		t.takeReply(ctx, s, r, err, verdicts)
		if t.c.unusable {
			stale = i == 0 || i == 1 && b.steps[0].kind == stepReset
			break
		}
	}
	join()
	return stale
}

// oneByOne sends each command after the reply to the one before, for next hops
// without PIPELINING.
func (t *Transaction) oneByOne(ctx context.Context, b *batch, verdicts []envelope.Verdict) (stale bool) {
	start := 0
	for i, s := range b.steps {
		if _, err := t.c.unsolicited(); err != nil {
			t.fail(t.c.lost(ctx, s.kind.String(), err))
			return false
		}
		err := t.c.send(t.c.buf[start:s.end])
		start = s.end
		var r reply
		r, err = t.answer(b, i, err)
		t.dialogue.step(b, i, r, err)
		t.takeReply(ctx, s, r, err, verdicts)
		if t.c.unusable {
			return i == 0 || i == 1 && b.steps[0].kind == stepReset
		}
		if t.dead.Code != 0 {
			return false // MAIL was refused
		}
	}
	return false
}

// answer reads the reply to one step. sent is the error of sending it: then there
// may be a reply that was sent before the connection was closed.
func (t *Transaction) answer(b *batch, i int, sent error) (reply, error) {
	if sent != nil {
		return t.c.finalReply(sent)
	}
	start := t.n.opt.Now()
	r, err := t.c.receive(b.replyTimeout(i))
	if kind := b.steps[i].kind; err == nil && (kind == stepMail || kind == stepRcpt) {
		t.c.pace.reply(max(t.n.opt.Now().Sub(start), 1))
	}
	return r, err
}

// replyTimeout returns how long to wait for a reply. A firewall may have dropped an
// idle connection without notice; therefore the first reply on it is awaited no
// longer than for a new connection.
func (b *batch) replyTimeout(i int) time.Duration {
	switch {
	case b.mailTimeout > 0 && b.steps[i].kind <= stepMail:
		return min(b.mailTimeout, b.c.wait.command)
	case b.reused && i == 0:
		return min(b.c.wait.connect, b.c.wait.command)
	case b.steps[i].kind == stepData:
		return b.c.wait.data
	}
	return b.c.wait.command
}

// takeReply records the reply to one step.
func (t *Transaction) takeReply(ctx context.Context, s step, r reply, err error, verdicts []envelope.Verdict) {
	c := t.c
	if err != nil {
		t.fail(c.lost(ctx, s.kind.String(), err))
		return
	}
	v := r.verdict(c.remote)
	if want := s.kind.wantedClass(); r.code < 400 && r.code/100 != want {
		t.fail(c.lost(ctx, s.kind.String(), fmt.Errorf("%w: %s", errReply, r.words())))
		return
	}
	switch s.kind {
	case stepReset:
		if !v.OK() {
			t.fail(v)
		}
	case stepMail:
		c.reset = v.OK()
		if v.OK() {
			t.suspect = c.replies.suspect(r) && t.reused
		} else {
			t.dead = v
			c.unusable = c.unusable || r.isConnectionLimit() // the host refuses this connection
		}
	case stepRcpt:
		if t.dead.Code == 0 { // else it only reports that there was no MAIL
			verdicts[s.rcpt] = v
		}
		if v.OK() {
			c.replies.rcpt = r
			t.accepted++
		}
	case stepData:
		t.data = v
	}
	if t.data.Code/100 == 3 && t.dead.Code != 0 {
		c.unusable = true // it waits for a body that is not sent
	}
	if r.code == 421 && t.dead.Code == 0 {
		t.fail(v)
	}
}

// wantedClass returns the first digit of the reply that lets a command succeed.
func (k stepKind) wantedClass() int {
	if k == stepData {
		return 3
	}
	return 2
}
