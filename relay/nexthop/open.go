package nexthop

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/peek"
	"github.com/reconvene/reconvene/relay/tlspolicy"
)

// hopExtensions are the extensions of the EHLO reply that we use.
type hopExtensions struct {
	pipelining, chunking, eightBit, utf8, dsn, startTLS, sized, enhancedCodes, requireTLS bool

	size int64 // 0: no limit is known
	auth []string
}

// hostError is why a host cannot be used, with the step at which it failed.
type hostError struct {
	step     string // dns, mta-sts, connect, greeting, ehlo, starttls, tls, requiretls, auth
	enhanced [3]int
	err      error
	crowded  bool // the server says that we have too many connections
	lasting  bool // the server has no TLS, or not the one that is required
}

// Error names the step once: an error of the network or of TLS often begins with it.
func (e *hostError) Error() string {
	return e.step + ": " + strings.TrimPrefix(e.err.Error(), e.step+": ")
}
func (e *hostError) Unwrap() error { return e.err }

// overTLS reports whether the server might work without TLS.
func (e *hostError) overTLS() bool { return e.step == "starttls" || e.step == "tls" }

// open makes a connection that is ready for MAIL, and then calls the observer. On an
// error it returns the event for the observer: the caller knows whether the host
// counts as failed. When the server sent something, the closed connection is
// returned with the error, for Probe.
func (n *Engine) open(ctx context.Context, r *Route, t target) (*conn, Event, error) {
	start := time.Now()
	c, err := n.ready(ctx, r, t, attempt{unencrypted: n.opt.Observer.Unencrypted})
	if err != nil {
		remote := t.host
		if c != nil {
			remote = c.remote
		}
		why := ""
		if failed := (*hostError)(nil); errors.As(err, &failed) {
			why, err = failed.step, failed
		}
		return c, Event{Route: r.Name, NextHop: remote, Why: why, Err: err, Took: time.Since(start)}, err
	}
	e := Event{Route: r.Name, Via: t.via, NextHop: c.remote, TLS: c.tlsName(), Policy: t.must.String(), DSN: c.ext.dsn, Took: time.Since(start)}
	n.opt.Observer.Opened(e)
	return c, e, nil
}

// failed reports to the observer that a host could not be used, unless we stopped
// the attempt.
func (n *Engine) failed(ctx context.Context, e Event) {
	if !errors.Is(ctx.Err(), context.Canceled) {
		n.opt.Observer.Failed(e)
	}
}

// attempt has the functions that are called while a connection is made.
type attempt struct {
	unencrypted func(Event) // opportunistic TLS failed
	replied     func()      // called for each reply; may be nil
}

// ready makes a connection as open does, without calling the observer.
//
// With opportunistic TLS a failed handshake is followed by a new connection in plain
// text (RFC 7435 §3): without TLS such mail would be sent in plain text anyway.
func (n *Engine) ready(ctx context.Context, r *Route, t target, a attempt) (*conn, error) {
	c, err := n.dial(ctx, r, t, r.TLS != config.RouteTLSOff && r.TLS != config.RouteTLSImplicit, a.replied)
	n.reportTLS(r, t, c, err)
	if failed := (*hostError)(nil); r.TLS == config.RouteTLSOpportunistic && !r.mustEncrypt(t) && errors.As(err, &failed) && failed.overTLS() && ctx.Err() == nil {
		a.unencrypted(Event{Route: r.Name, NextHop: c.remote, Why: failed.step, Err: failed.err})
		return n.dial(ctx, r, t, false, a.replied)
	}
	if err == nil && c.declined != nil {
		a.unencrypted(Event{Route: r.Name, NextHop: c.remote, Why: "starttls", Err: c.declined})
	}
	return c, err
}

// mustEncrypt reports whether mail must not be sent to a host in plain text.
func (r *Route) mustEncrypt(t target) bool {
	return r.TLS != config.RouteTLSOff && r.TLS != config.RouteTLSOpportunistic || t.must.Mandatory()
}

// dial does each step up to authentication once.
func (n *Engine) dial(ctx context.Context, r *Route, t target, startTLS bool, heard func()) (*conn, error) {
	c, err := n.connect(ctx, r, t)
	if err != nil {
		return nil, err
	}
	c.replied = heard
	stop := c.cutOffWhenDone(ctx)
	err = n.prepare(ctx, c, r, startTLS)
	if !stop() && err == nil {
		err = &hostError{step: "connect", enhanced: [3]int{4, 4, 2}, err: ctx.Err()}
	}
	if err != nil {
		c.close()
		return c, err
	}
	return c, nil
}

// noAddress returns why a host must not be dialled.
func noAddress(err error) *hostError {
	if unnamed := (*tlspolicy.UnnamedError)(nil); errors.As(err, &unnamed) {
		return &hostError{step: "mta-sts", enhanced: [3]int{4, 7, 5}, err: err}
	}
	return &hostError{step: "dns", enhanced: [3]int{4, 4, 3}, err: err}
}

// connect opens the connection; nothing is read or written.
func (n *Engine) connect(ctx context.Context, r *Route, t target) (*conn, error) {
	if t.err != nil {
		return nil, noAddress(t.err)
	}
	ctx, cancel := context.WithTimeout(ctx, n.wait.connect)
	defer cancel()
	nc, err := n.opt.Dial(ctx, "tcp", t.addr)
	if err != nil {
		return nil, &hostError{step: "connect", enhanced: [3]int{4, 4, 1}, err: reason(err)}
	}
	c := &conn{key: r.key(t), at: t, transport: transport{nc: nc}, wait: n.wait, born: n.opt.Now(), remote: remoteName(t.host, "", nc.RemoteAddr())}
	c.br = bufio.NewReaderSize(nc, 2*maxReplyLine)
	return c, nil
}

// greet does implicit TLS, and reads the greeting and the reply to EHLO.
func (n *Engine) greet(ctx context.Context, c *conn, r *Route) error {
	if r.TLS == config.RouteTLSImplicit {
		if err := n.handshake(ctx, c, r); err != nil {
			return err
		}
	}
	if err := c.greeting(); err != nil {
		return err
	}
	if err := c.ehlo(n.opt.Hostname); err != nil {
		return err
	}
	if name, _, _ := strings.Cut(c.seen.ehlo, " "); r.domain != "" && strings.EqualFold(name, n.opt.Hostname) {
		return &hostError{step: "ehlo", enhanced: [3]int{4, 4, 6}, err: errLoop} // by an address that is not ours, as of a NAT
	}
	return nil
}

func (n *Engine) prepare(ctx context.Context, c *conn, r *Route, startTLS bool) error {
	if err := n.greet(ctx, c, r); err != nil {
		return err
	}
	if startTLS {
		if err := n.startTLS(ctx, c, r); err != nil {
			return err
		}
	}
	if r.strict && !c.offersRequireTLS() {
		return &hostError{step: "requiretls", enhanced: [3]int{4, 7, 30}, err: errUnoffered}
	}
	if r.Auth.User == "" && r.Auth.TokenFile == "" {
		return nil
	}
	if c.seen.tls == nil && r.TLS != config.RouteTLSOff {
		c.unusable = true
		return &hostError{step: "auth", enhanced: [3]int{4, 7, 0}, err: errors.New(`no TLS, and the password is not sent without it: set tls = "required" to require TLS, or tls = "off" to allow plain text`)}
	}
	return c.logOn(r.Auth)
}

// whyTLS returns why mail is not sent in plain text.
func (r *Route) whyTLS() string {
	if r.strict {
		return "the message requires it (REQUIRETLS, RFC 8689)"
	}
	return fmt.Sprintf("the route has tls = %q", r.TLS)
}

// startTLS starts TLS (RFC 3207) and sends EHLO again.
func (n *Engine) startTLS(ctx context.Context, c *conn, r *Route) error {
	must := r.mustEncrypt(c.at)
	if !c.ext.startTLS {
		if c.at.must.Mandatory() {
			return &hostError{step: "starttls", enhanced: [3]int{4, 7, 5}, lasting: true,
				err: fmt.Errorf("the server does not offer STARTTLS, which its domain requires (%v)", c.at.must)}
		}
		if must {
			return &hostError{step: "starttls", enhanced: [3]int{4, 7, 5}, lasting: true,
				err: fmt.Errorf("the server does not offer STARTTLS and %s", r.whyTLS())}
		}
		return nil
	}
	rep, err := c.ask(c.wait.command, "STARTTLS")
	switch {
	case err != nil:
		return &hostError{step: "starttls", enhanced: [3]int{4, 7, 5}, err: reason(err)}
	case rep.code != 220 && (must || c.unusable):
		return &hostError{step: "starttls", enhanced: [3]int{4, 7, 5}, err: errors.New(rep.words())}
	case rep.code != 220:
		c.declined = errors.New(rep.words())
		return nil
	case c.waiting() == peek.Input:
		// Input in plain text after the 220 would be read as the reply to the first
		// command under TLS (RFC 3207 §6, with the roles reversed).
		c.unusable = true
		return &hostError{step: "starttls", enhanced: [3]int{4, 7, 5}, err: errors.New("the server sent more than its reply in plain text")}
	}
	if err := n.handshake(ctx, c, r); err != nil {
		return err
	}
	return c.ehlo(n.opt.Hostname)
}

func (c *conn) greeting() error {
	rep, err := c.receive(c.wait.greeting)
	if err != nil {
		return c.unanswered("greeting", err)
	}
	c.seen.greeting = strings.Join(rep.text, "\n")
	c.remote = remoteName(c.at.host, c.seen.greeting, c.nc.RemoteAddr())
	if rep.code != 220 {
		return &hostError{step: "greeting", enhanced: [3]int{4, 4, 1}, err: errors.New(rep.words()), crowded: rep.isConnectionLimit()}
	}
	return nil
}

// ehlo sends EHLO, and HELO when the server does not know it (RFC 5321 §3.2).
func (c *conn) ehlo(hostname string) error {
	c.ext, c.seen.ehlo, c.seen.keywords = hopExtensions{}, "", nil
	rep, err := c.ask(c.wait.command, "EHLO %s", hostname)
	if err == nil && rep.code >= 500 && !c.unusable {
		rep, err = c.ask(c.wait.command, "HELO %s", hostname)
		rep.text = rep.text[:min(len(rep.text), 1)]
	}
	switch {
	case err != nil:
		return c.unanswered("ehlo", err)
	case rep.code != 250:
		return &hostError{step: "ehlo", enhanced: [3]int{4, 4, 1}, err: errors.New(rep.words()), crowded: rep.isConnectionLimit()}
	case len(rep.text) > 1:
		c.seen.ehlo, c.seen.keywords = rep.text[0], rep.text[1:]
		c.ext = parseExtensions(c.seen.keywords)
	}
	return nil
}

// parseExtensions parses EHLO keywords, in upper or lower case (RFC 5321 §2.4).
func parseExtensions(lines []string) hopExtensions {
	var e hopExtensions
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		keyword := strings.ToUpper(fields[0])
		switch keyword {
		case "PIPELINING":
			e.pipelining = true
		case "CHUNKING":
			e.chunking = true
		case "8BITMIME":
			e.eightBit = true
		case "SMTPUTF8":
			e.utf8 = true
		case "DSN":
			e.dsn = true
		case "ENHANCEDSTATUSCODES":
			e.enhancedCodes = true
		case "REQUIRETLS":
			e.requireTLS = true
		case "STARTTLS":
			e.startTLS = true
		case "SIZE":
			e.sized = true
			if len(fields) > 1 {
				if size, err := strconv.ParseInt(fields[1], 10, 64); err == nil && size > 0 {
					e.size = size
				}
			}
		case "AUTH":
			e.auth = append(e.auth, fields[1:]...)
		}
		// QUIRK: before RFC 2554 some servers wrote AUTH=LOGIN.
		if old, ok := strings.CutPrefix(keyword, "AUTH="); ok {
			e.auth = append(e.auth, append([]string{old}, fields[1:]...)...)
		}
	}
	return e
}

// logOn authenticates (RFC 4954). Its errors never contain the secret.
func (c *conn) logOn(auth config.RouteAuth) error {
	fail := func(err error) error { return &hostError{step: "auth", enhanced: [3]int{4, 7, 0}, err: err} }
	l, err := newLogon(auth, c.ext.auth)
	if err != nil {
		return fail(err)
	}
	mechanism, response, err := l.client.Start()
	if err != nil {
		return fail(err)
	}
	command := "AUTH " + mechanism
	if response != nil {
		command += " " + cmp.Or(base64.StdEncoding.EncodeToString(response), "=")
	}
	rep, err := c.ask(c.wait.command, "%s", command)
	for rounds := 0; err == nil && rep.code == 334; rounds++ {
		if rounds == 4 {
			err = errors.New("too many challenges")
			break
		}
		// Only CRAM-MD5 uses the challenge; servers write any text for the other
		// mechanisms, not always in base64.
		challenge, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.Join(rep.text, "")))
		if response, err = l.client.Next(challenge); err == nil {
			rep, err = c.ask(c.wait.command, "%s", base64.StdEncoding.EncodeToString(response))
		}
	}
	if err != nil {
		c.unusable = true
		return fail(reason(err))
	}
	if rep.code != 235 {
		rep.text = l.redact(rep.text)
		return fail(fmt.Errorf("the server refuses authentication of user %q by %s: %s", auth.User, mechanism, rep.words()))
	}
	return nil
}

// words returns a reply on one line, for an error.
func (r reply) words() string {
	return envelope.Verdict{Code: r.code, Enhanced: r.enhanced, Text: r.text}.Error()
}
