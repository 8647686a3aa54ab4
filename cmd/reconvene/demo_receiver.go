package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	ical "github.com/emersion/go-ical"
	"github.com/emersion/go-message"
	"github.com/emersion/go-smtp"
)

// receiver is the other side of the demonstration: a mail server with several
// calendars that read each message, each as strictly as a system in use. Like those,
// it replies 250 to everything and drops what it cannot use. It does not use
// Reconvene's parsers: it reads messages with go-message and calendars with go-ical.
type receiver struct {
	address string
	server  *smtp.Server

	mu      sync.Mutex
	readers []*reader
	mail    []byte    // the last one
	saw     []outcome // what the readers made of it
}

// outcome is what one reader made of one mail.
type outcome struct {
	Reader   string
	Accepted bool
	Words    string // what the attendee's calendar shows now, or why nothing happened
}

// startReceiver listens on a free port of the loopback.
func startReceiver() (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{address: l.Addr().String(), readers: newReaders()}
	r.server = smtp.NewServer(r)
	r.server.Domain = "mx.partner.example"
	r.server.MaxMessageBytes = 1 << 20
	r.server.ReadTimeout, r.server.WriteTimeout = 10*time.Second, 10*time.Second
	r.server.ErrorLog = discardLog{}
	go r.server.Serve(l)
	return r, nil
}

func (r *receiver) Close(ctx context.Context) error { return r.server.Shutdown(ctx) }

// take returns the last mail and what became of it.
func (r *receiver) take() ([]byte, []outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mail, r.saw
}

// forget empties all calendars.
func (r *receiver) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers, r.mail, r.saw = newReaders(), nil, nil
}

// shows returns what each attendee's calendar shows.
func (r *receiver) shows() []outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []outcome
	for _, rd := range r.readers {
		out = append(out, outcome{rd.name, rd.known && rd.cancelled, rd.shows()})
	}
	return out
}

// NewSession implements smtp.Backend.
func (r *receiver) NewSession(*smtp.Conn) (smtp.Session, error) { return receiverSession{r}, nil }

type receiverSession struct{ r *receiver }

func (receiverSession) Reset()                               {}
func (receiverSession) Logout() error                        { return nil }
func (receiverSession) Mail(string, *smtp.MailOptions) error { return nil }
func (receiverSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s receiverSession) Data(body io.Reader) error {
	mail, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.r.mail, s.r.saw = mail, nil
	in, err := readIncoming(mail)
	for _, rd := range s.r.readers {
		o := outcome{Reader: rd.name}
		why := err
		if why == nil {
			why = rd.read(in)
		}
		if why != nil {
			o.Words = why.Error()
		} else {
			o.Accepted, o.Words = true, rd.shows()
		}
		s.r.saw = append(s.r.saw, o)
	}
	return nil
}

type discardLog struct{}

func (discardLog) Printf(string, ...any) {}
func (discardLog) Println(...any)        {}

// incoming is the calendar of a mail, as a receiver finds it.
type incoming struct {
	method  string
	charset string // of the part's header, "" without one
	text    []byte
	cal     *ical.Calendar
	event   *ical.Component
}

// readIncoming looks for the text/calendar part of a mail.
func readIncoming(mail []byte) (incoming, error) {
	var in incoming
	entity, err := message.Read(bytes.NewReader(mail))
	if err != nil && !message.IsUnknownCharset(err) {
		return in, err
	}
	err = entity.Walk(func(_ []int, part *message.Entity, _ error) error {
		mediaType, params, err := part.Header.ContentType()
		if err != nil || mediaType != "text/calendar" || in.text != nil {
			return nil
		}
		in.method, in.charset = params["method"], params["charset"]
		in.text, err = io.ReadAll(part.Body)
		return err
	})
	if err != nil {
		return in, err
	}
	if in.text == nil {
		return in, errors.New("no text/calendar part")
	}
	if in.cal, err = ical.NewDecoder(bytes.NewReader(in.text)).Decode(); err != nil {
		return in, fmt.Errorf("not a calendar: %w", err)
	}
	for _, c := range in.cal.Children {
		if c.Name == ical.CompEvent && in.event == nil {
			in.event = c
		}
	}
	method, err := in.cal.Props.Text(ical.PropMethod)
	switch {
	case err != nil:
		return in, err
	case in.event == nil:
		return in, errors.New("no VEVENT")
	case !strings.EqualFold(method, in.method):
		return in, errors.New("METHOD and the method parameter differ")
	}
	return in, nil
}
