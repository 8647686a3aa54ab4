package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/reconvene/reconvene/relay/queue"
)

// Queue is what requests are about; [queue.Queue] implements it.
type Queue interface {
	Each(ctx context.Context, filter queue.Filter, f func(queue.Item) error) error
	Groups(ctx context.Context, filter queue.Filter, most int) ([]queue.Group, error)
	Retry(ctx context.Context, filter queue.Filter) (int, error)
	Hold(ctx context.Context, filter queue.Filter, why string) (int, error)
	Release(ctx context.Context, filter queue.Filter) (int, error)
	Remove(ctx context.Context, filter queue.Filter, why string) (int, error)
	Bounce(ctx context.Context, filter queue.Filter, why string) (int, error)
	Read(id string) (*queue.Message, queue.Body, error)
}

// Options is what a server needs.
type Options struct {
	Queue Queue
	// Changed is told of each request that changes messages, after it; nil: nobody.
	Changed func(r *Request, messages int, err error)
	// Whole returns what the queue is of which Queue has a part; nil: Queue has all of it.
	Whole func() Whole
	// Timeout is how long a client may take to send its request, or to read a reply;
	// 0 is 30 seconds.
	Timeout time.Duration
}

// Server answers requests until Close.
type Server struct {
	opt    Options
	file   string
	made   os.FileInfo // of the file, as it was made
	secret string
	l      net.Listener
	ctx    context.Context
	cancel context.CancelFunc
	places chan struct{}
	wg     sync.WaitGroup
}

// Serve starts to answer requests about the queue in a folder. The caller has the lock
// of the folder, and calls Close before it gives it up.
func Serve(ctx context.Context, folder string, opt Options) (*Server, error) {
	l, secret, err := listen(ctx, folder)
	if err != nil {
		return nil, err
	}
	if opt.Timeout == 0 {
		opt.Timeout = 30 * time.Second
	}
	s := &Server{opt: opt, file: filepath.Join(folder, Name), secret: secret, l: l, places: make(chan struct{}, maxClients)}
	if s.made, err = os.Lstat(s.file); err != nil {
		l.Close()
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.wg.Go(s.accept)
	return s, nil
}

// File returns the name of the file by which the server is reached.
func (s *Server) File() string { return s.file }

// Close ends all connections and removes the file, unless it is that of another server
// by now.
func (s *Server) Close() error {
	s.cancel()
	err := s.l.Close()
	if now, statErr := os.Lstat(s.file); statErr == nil && os.SameFile(s.made, now) {
		err = errors.Join(err, os.Remove(s.file))
	}
	s.wg.Wait()
	return err
}

func (s *Server) accept() {
	for {
		conn, err := s.l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) || s.ctx.Err() != nil {
				return
			}
			// No descriptor is left, as a rule: wait until there may be one.
			select {
			case <-time.After(time.Second):
			case <-s.ctx.Done():
			}
			continue
		}
		select {
		case s.places <- struct{}{}:
			s.wg.Go(func() {
				defer func() { <-s.places }()
				s.answer(conn)
			})
		default:
			conn.Close()
		}
	}
}

// answer reads a request and carries it out.
func (s *Server) answer(conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	out := &replies{conn: conn, timeout: s.opt.Timeout}
	r, err := s.read(conn)
	if err != nil {
		if !errors.Is(err, io.EOF) { // somebody looked whether the server is there
			_ = out.send(Reply{Done: true, Error: err.Error()})
		}
		return
	}
	last := Reply{Done: true}
	if last.Count, err = s.carryOut(ctx, r, out); err != nil {
		last.Error = err.Error()
	}
	_ = out.send(last) // the client may be gone
}

func (s *Server) read(conn net.Conn) (*Request, error) {
	if err := conn.SetReadDeadline(time.Now().Add(s.opt.Timeout)); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(io.LimitReader(conn, maxRequest)).ReadBytes('\n')
	if len(line) == maxRequest {
		return nil, fmt.Errorf("the request has more than %d octets", maxRequest)
	}
	if err != nil {
		return nil, err
	}
	r := new(Request)
	if err := json.Unmarshal(line, r); err != nil {
		return nil, fmt.Errorf("the request cannot be read: %w", err)
	}
	return r, r.check(s.secret)
}

// carryOut does what is asked for, and returns the number of messages that it changed.
func (s *Server) carryOut(ctx context.Context, r *Request, out *replies) (n int, err error) {
	q := s.opt.Queue
	if s.opt.Whole != nil && (r.Do == List || r.Do == Groups) && len(r.Filter.IDs) == 0 {
		whole := s.opt.Whole()
		if err := out.send(Reply{Whole: &whole}); err != nil {
			return 0, err
		}
	}
	switch r.Do {
	case List:
		return 0, q.Each(ctx, r.Filter, func(i queue.Item) error { return out.send(Reply{Item: &i}) })
	case Groups:
		return 0, s.groups(ctx, r, out)
	case Export:
		return 0, s.export(r, out)
	case Retry:
		n, err = q.Retry(ctx, r.Filter)
	case Hold:
		n, err = q.Hold(ctx, r.Filter, r.Why)
	case Release:
		n, err = q.Release(ctx, r.Filter)
	case Remove:
		n, err = q.Remove(ctx, r.Filter, r.Why)
	case Bounce:
		n, err = q.Bounce(ctx, r.Filter, r.Why)
	}
	if s.opt.Changed != nil {
		s.opt.Changed(r, n, err)
	}
	return n, err
}

func (s *Server) groups(ctx context.Context, r *Request, out *replies) error {
	list, err := s.opt.Queue.Groups(ctx, r.Filter, r.Most)
	if err != nil {
		return err
	}
	for i := range list {
		if err := out.send(Reply{Group: &list[i]}); err != nil {
			return err
		}
	}
	return nil
}

// export sends the message as it would be sent now: our Received field, and the body.
func (s *Server) export(r *Request, out *replies) error {
	m, body, err := s.opt.Queue.Read(r.Filter.IDs[0])
	if err != nil {
		return err
	}
	defer body.Close()
	if err := out.send(Reply{Body: []byte(m.Trace)}); err != nil {
		return err
	}
	_, err = io.CopyBuffer(onlyWriter{out}, io.NewSectionReader(body, 0, body.Size()), make([]byte, chunk))
	return err
}

// onlyWriter hides other methods, so that the body is sent in pieces.
type onlyWriter struct{ io.Writer }

// replies sends replies.
type replies struct {
	conn    net.Conn
	timeout time.Duration
}

func (r *replies) send(reply Reply) error {
	line, err := json.Marshal(reply)
	if err != nil {
		return err
	}
	if err := r.conn.SetWriteDeadline(time.Now().Add(r.timeout)); err != nil {
		return err
	}
	_, err = r.conn.Write(append(line, '\n'))
	return err
}

// Write implements io.Writer: a piece of a message.
func (r *replies) Write(p []byte) (int, error) {
	if err := r.send(Reply{Body: p}); err != nil {
		return 0, err
	}
	return len(p), nil
}
