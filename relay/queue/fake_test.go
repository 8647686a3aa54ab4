package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// memory is a store in memory; it fails as told.
type memory struct {
	mu     sync.Mutex
	all    map[string][]byte // envelopes
	bodies map[string][]byte
	aside  []string
	fail   func(what string) error // nil: nothing fails
	order  []string
}

func newMemory() *memory { return &memory{all: map[string][]byte{}, bodies: map[string][]byte{}} }

type memoryWriter struct {
	s  *memory
	id string
	bytes.Buffer
}

func (s *memory) err(what string) error {
	if s.fail == nil {
		return nil
	}
	return s.fail(what)
}

func (s *memory) Create(id string) (Writer, error) {
	return &memoryWriter{s: s, id: id}, s.err("create")
}

func (w *memoryWriter) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(w.Bytes()).ReadAt(p, off)
}

func (w *memoryWriter) Discard() {}

func (w *memoryWriter) Commit(m *Message) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if err := w.s.err("commit"); err != nil {
		return err
	}
	m.Form, m.Size, m.Sum = FormVersion, int64(w.Len()), UpdateSum(0, w.Bytes())
	w.s.all[w.id], _ = json.Marshal(m)
	w.s.bodies[w.id] = slices.Clone(w.Bytes())
	w.s.order = append(w.s.order, w.id)
	return nil
}

func (s *memory) Load(f func(*Message)) ([]Damage, error) {
	for _, id := range s.order {
		if m, err := s.Get(id); err == nil {
			f(m)
		}
	}
	return nil, nil
}

func (s *memory) Get(id string) (*Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.all[id]
	if !ok {
		return nil, ErrNotFound
	}
	m := new(Message)
	return m, json.Unmarshal(b, m)
}

func (s *memory) Body(id string) (Body, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bodies[id]
	if !ok {
		return nil, ErrNotFound
	}
	return BodyInMemory(b), nil
}

func (s *memory) Update(m *Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err("update"); err != nil {
		return err
	}
	s.all[m.ID], _ = json.Marshal(m)
	return nil
}

func (s *memory) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err("remove"); err != nil {
		return err
	}
	if s.all[id] == nil {
		return ErrNotFound
	}
	delete(s.all, id)
	delete(s.bodies, id)
	return nil
}

func (s *memory) SetAside(id, why string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
	delete(s.bodies, id)
	s.aside = append(s.aside, id+": "+why)
	return nil
}

func (s *memory) Close() error { return nil }

func (s *memory) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all)
}

// fake is a carrier and an observer: it notes what it is asked, and answers as told.
type fake struct {
	t *testing.T

	mu      sync.Mutex
	sent    []string // "id path" of each recipient in each attempt
	told    []string // notifications: "path action"
	ended   []string
	pending []string
	damage  []string
	trouble []string
	waits   []string

	most     int                                   // notifications that may be sent; 0: any number
	again    time.Time                             // when more may be
	answer   func(m *Message, r *Recipient) Result // nil: accepted
	takes    time.Duration                         // of each attempt
	to       func(r *Recipient) Destination        // nil: the domain
	running  map[string]int
	mostly   map[string]int // the most attempts at the same time, by destination
	attempts int
}

var (
	accepted = Result{Verdict: envelope.Verdict{Code: 250, Remote: "next"}}
	refused  = Result{Verdict: envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Remote: "next"}}
	deferred = Result{Verdict: envelope.Verdict{Code: 450, Enhanced: [3]int{4, 2, 0}, Remote: "next"}}
	down     = Result{Verdict: envelope.Verdict{Code: 451, Text: []string{"no host"}}, Failed: true}
)

func (f *fake) Destination(_ *Message, r *Recipient) Destination {
	if f.to != nil {
		return f.to(r)
	}
	return Destination{Key: r.Domain()}
}

func (f *fake) Carry(ctx context.Context, m *Message, body Body, list []int, _ int) []Result {
	key := f.Destination(m, &m.Recipients[list[0]]).Key
	f.mu.Lock()
	f.attempts++
	if f.running == nil {
		f.running, f.mostly = map[string]int{}, map[string]int{}
	}
	f.running[key]++
	f.mostly[key] = max(f.mostly[key], f.running[key])
	f.mu.Unlock()
	if b, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size())); err != nil || !strings.HasPrefix(string(b), "body of ") && m.Sender.Path != "" {
		f.t.Errorf("body of %s: %q %v", m.ID, b, err)
	}
	select {
	case <-time.After(f.takes):
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running[key]--
	results := make([]Result, len(list))
	for i, at := range list {
		r := &m.Recipients[at]
		f.sent = append(f.sent, m.ID+" "+r.Path)
		results[i] = accepted
		if f.answer != nil {
			results[i] = f.answer(m, r)
		}
	}
	return results
}

func (f *fake) Compose(_ string, m *Message, _ Body, list []Notice) (*Notification, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.most > 0 && len(f.told) >= f.most {
		return nil, &LimitError{Most: f.most, Again: f.again}
	}
	for _, n := range list {
		f.told = append(f.told, n.Recipient.Path+" "+string(n.Action))
	}
	return &Notification{Mail: []byte("notification about " + m.ID), About: list}, nil
}

func (f *fake) note(list *[]string, s string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*list = append(*list, s)
}

func (f *fake) Damaged(d Damage) { f.note(&f.damage, d.ID+": "+d.Why) }
func (f *fake) Ended(m *Message, list []int, why string) {
	f.note(&f.ended, fmt.Sprintf("%s %s: %s", m.ID, m.Recipients[list[0]].State, why))
}
func (f *fake) Pending(m *Message, list []int) {
	f.note(&f.pending, fmt.Sprintf("%s %d", m.ID, len(list)))
}
func (f *fake) Notified(*Message, string, []Notice, string) {}
func (f *fake) Waiting(d string, n int, _ time.Time, _ envelope.Verdict) {
	f.note(&f.waits, fmt.Sprintf("%s %d", d, n))
}
func (f *fake) Back(d string) { f.note(&f.waits, d+" back") }
func (f *fake) Trouble(id, what string, err error) {
	f.note(&f.trouble, fmt.Sprintf("%s: %s: %v", id, what, err))
}

// with changes what the answers depend on.
func (f *fake) with(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// list returns what was noted.
func (f *fake) list(of *[]string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(*of)
}

func (f *fake) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.sent
	f.sent = nil
	return list
}

// house is a queue that runs.
type house struct {
	*fake
	t     *testing.T
	store *memory
	q     *Queue
	stop  func()
	ids   int
}

// newHouse opens a queue on a store and runs it until the test ends.
func newHouse(t *testing.T, store *memory, set Settings) *house {
	t.Helper()
	h := &house{fake: &fake{t: t}, t: t, store: store}
	h.open(set)
	return h
}

func (h *house) open(set Settings) {
	h.t.Helper()
	q, err := Open(Options{Store: h.store, Carrier: h.fake, Observer: h.fake, Settings: set, Random: func() float64 { return 0.5 },
		NewID: func() string { h.ids++; return fmt.Sprintf("n%d", h.ids) }})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		q.Run(ctx, context.Background(), time.Minute)
	}()
	h.q = q
	h.stop = func() {
		cancel()
		<-ended
	}
	h.t.Cleanup(h.stop)
}

// post stores a message for recipients; change may alter it.
func (h *house) post(id string, change func(*Message), recipients ...string) {
	h.t.Helper()
	m := &Message{ID: id, Received: time.Now(), Sender: Sender{Path: "a@example.com"}}
	for _, r := range recipients {
		m.Recipients = append(m.Recipients, Recipient{Path: r})
	}
	if change != nil {
		change(m)
	}
	w, err := h.q.Create(id)
	if err == nil {
		fmt.Fprintf(w, "body of %s", id)
		err = h.q.Accept(w, m)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// about makes a message one about a meeting.
func about(uid string) func(*Message) {
	return func(m *Message) { m.Meetings = []Meeting{{UID: uid}} }
}

var errDisk = errors.New("input/output error")

// pass lets time pass, and what it causes happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
