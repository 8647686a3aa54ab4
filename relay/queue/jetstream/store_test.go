package jetstream

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// open opens a queue of its own.
func open(t testing.TB, nodes []*node, opt Options) *Store {
	t.Helper()
	opt.Connect, opt.Replicas = connector(nodes), len(nodes)
	s, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	nodes := startNATS(t, 1)
	n := 0
	storetest.Run(t, func(t *testing.T) func() queue.Store {
		n++
		name := fmt.Sprint("Q", n)
		return func() queue.Store { return open(t, nodes, Options{Name: name}) }
	})
}

// What does not fit is refused with ErrFull, changes are stored nevertheless, and when
// something was removed there is space again.
func TestFull(t *testing.T) {
	s := open(t, startNATS(t, 1), Options{MaxBytes: 1 << 20})
	defer s.Close()
	body := bytes.Repeat([]byte("x"), 100_000)
	var stored []string
	for i := range 20 {
		id := fmt.Sprint("f", i)
		err := storetest.Put(s, storetest.Message(id, "b@example.net"), body)
		if err == nil {
			stored = append(stored, id)
			continue
		}
		if !errors.Is(err, queue.ErrFull) {
			t.Fatalf("%s: %v", id, err)
		}
	}
	if n := len(stored); n < 8 || n > 10 {
		t.Errorf("%d messages fit", n)
	}
	if err := storetest.Put(s, storetest.Message("large", "b@example.net"), bytes.Repeat(body, 20)); !errors.Is(err, queue.ErrFull) {
		t.Errorf("a large body: %v", err)
	}
	m, err := s.Get(stored[0])
	if err != nil {
		t.Fatal(err)
	}
	m.Recipients[0].Attempts = 3
	if err := s.Update(m); err != nil {
		t.Errorf("a change: %v", err)
	}
	if err := s.Remove(stored[1]); err != nil {
		t.Fatal(err)
	}
	if err := storetest.Put(s, storetest.Message("later", "b@example.net"), body); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

// An envelope that is too long for a header, and one that is too long for a message of
// NATS after the attempts.
func TestManyRecipients(t *testing.T) {
	s := open(t, startNATS(t, 1), Options{})
	defer s.Close()
	var list []string
	for i := range 3000 {
		list = append(list, fmt.Sprintf("somebody-%04d@department.example.net", i))
	}
	if err := storetest.Put(s, storetest.Message("many", list...), storetest.Body); err != nil {
		t.Fatal(err)
	}
	storetest.CheckBody(t, s, "many", storetest.Body)
	m, err := s.Get("many")
	if err != nil || len(m.Recipients) != len(list) {
		t.Fatalf("%v", err)
	}
	for i := range m.Recipients {
		m.Recipients[i].Attempts = 1
		m.Recipients[i].Last = &queue.Attempt{Code: 451, Dialogue: []string{strings.Repeat("x", 1000)}}
	}
	if err := s.Update(m); err != nil {
		t.Fatal(err)
	}
	m, err = s.Get("many")
	if err != nil || m.Recipients[2999].Attempts != 1 || m.Recipients[2999].Last.Code != 451 {
		t.Errorf("%v", err)
	}
	if got := storetest.Load(t, s); len(got) != 1 || got["many"].Recipients[7].Attempts != 1 {
		t.Errorf("%d messages", len(got))
	}
}

// A delivery that another relay has stored is not lost by a later change, whichever
// relay makes it.
func TestConcurrentChange(t *testing.T) {
	nodes := startNATS(t, 1)
	a, b := open(t, nodes, Options{}), open(t, nodes, Options{})
	defer a.Close()
	defer b.Close()
	if err := storetest.Put(a, storetest.Message("m", "b@example.net", "c@example.net"), storetest.Body); err != nil {
		t.Fatal(err)
	}
	mine, err := a.Get("m")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.Get("m")
	if err != nil {
		t.Fatal(err)
	}
	theirs.Recipients[0].State = queue.Delivered
	if err := b.Update(theirs); err != nil {
		t.Fatal(err)
	}
	mine.Recipients[1].State = queue.Bounced
	if err := a.Update(mine); err != nil {
		t.Fatal(err)
	}
	got, err := b.Get("m")
	if err != nil || got.Recipients[0].State != queue.Delivered || got.Recipients[1].State != queue.Bounced {
		t.Errorf("%+v %v", got.Recipients, err)
	}
}

// A message that cannot be read is set aside, and the others are loaded.
func TestDamaged(t *testing.T) {
	s := open(t, startNATS(t, 1), Options{})
	defer s.Close()
	if err := storetest.Put(s, storetest.Message("good", "b@example.net"), storetest.Body); err != nil {
		t.Fatal(err)
	}
	for id, header := range map[string]nats.Header{"none": {}, "bad": {headerEnvelope: {"{"}}, "newer": {headerEnvelope: {`{"form":99,"id":"newer"}`}}, "split": {headerSplit: {"999"}}} {
		if _, err := s.publish(&nats.Msg{Subject: s.subject(3, id), Header: header, Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get("bad"); !errors.Is(err, queue.ErrDamaged) {
		t.Errorf("Get: %v", err)
	}
	var got []string
	damage, err := s.Load(func(m *queue.Message) { got = append(got, m.ID) })
	if err != nil || len(damage) != 3 || len(got) != 1 {
		t.Errorf("%v %v %v", damage, got, err)
	}
	if got := storetest.Load(t, s); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}

// A stream with which mail would be lost is refused, with the reason.
func TestUnusableStream(t *testing.T) {
	good := jetstream.StreamConfig{Name: "Q", Subjects: []string{"Q.>"}, Discard: jetstream.DiscardNew, Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage}
	for want, change := range map[string]func(*jetstream.StreamConfig){
		"":                func(*jetstream.StreamConfig) {},
		"discard policy":  func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		"max_age":         func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"in memory":       func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		"limits":          func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy },
		"deny_delete":     func(c *jetstream.StreamConfig) { c.DenyDelete = true },
		"anew":            func(c *jetstream.StreamConfig) { c.Storage = jetstream.MemoryStorage },
		"another account": func(c *jetstream.StreamConfig) { c.NoAck = true },
	} {
		c := good
		change(&c)
		if err := unusable(c); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	nodes := startNATS(t, 1)
	nc, err := connector(nodes)()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err == nil {
		_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "RECONVENE_QUEUE", Subjects: []string{"RECONVENE_QUEUE.>"}, Discard: jetstream.DiscardOld})
	}
	if err != nil {
		t.Fatal(err)
	}
	warned := make(chan string, 10)
	s := open(t, nodes, Options{Warn: func(why string) {
		select {
		case warned <- why:
		default:
		}
	}})
	defer s.Close()
	for why := range warned {
		if strings.Contains(why, "discards old messages") {
			break
		}
	}
	select {
	case <-s.prepared:
		t.Error("it is used")
	default:
	}
}
