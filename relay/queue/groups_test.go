package queue_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/directory"
)

// stuck is a carrier that never delivers.
type stuck struct{}

func (stuck) Destination(_ *queue.Message, r *queue.Recipient) queue.Destination {
	return queue.Destination{Key: r.Domain()}
}

func (stuck) Carry(context.Context, *queue.Message, queue.Body, []int, int) []queue.Result {
	return nil
}

func (stuck) Compose(string, *queue.Message, queue.Body, []queue.Notice) (*queue.Notification, error) {
	return nil, nil
}

var noon = time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)

// filled is a queue that nobody runs, with a store that counts what is read of it.
func filled(t *testing.T) (*queue.Queue, *counting) {
	t.Helper()
	inner, err := directory.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store := &counting{Store: inner}
	t.Cleanup(func() { store.Close() })
	q, err := queue.Open(queue.Options{Store: store, Carrier: stuck{}, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		m := &queue.Message{ID: fmt.Sprintf("m-%d", i), Received: noon.Add(time.Duration(-i) * time.Hour), Sender: queue.Sender{Path: "anna@example.com"},
			Recipients: []queue.Recipient{{Path: "ben@partner.example"}}}
		if i == 4 {
			m.Recipients = append(m.Recipients, queue.Recipient{Path: "eve@other.example"}, queue.Recipient{Path: "fay@other.example"})
		}
		w, err := q.Create(m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "Subject: x\r\n\r\n"+m.ID+"\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := q.Accept(w, m); err != nil {
			t.Fatal(err)
		}
	}
	return q, store
}

// counting counts the messages that are read.
type counting struct {
	queue.Store
	read int
}

func (c *counting) Get(id string) (*queue.Message, error) {
	c.read++
	return c.Store.Get(id)
}

func describe(groups []queue.Group) string {
	var words []string
	for _, g := range groups {
		var ids []string
		for _, i := range g.Items {
			ids = append(ids, fmt.Sprint(i.Message.ID, i.Recipients))
		}
		words = append(words, fmt.Sprintf("%s: %d, %v, held %d, %s", g.Destination, g.Messages, noon.Sub(g.Oldest), g.Held, strings.Join(ids, " ")))
	}
	return strings.Join(words, "; ")
}

func TestGroups(t *testing.T) {
	q, store := filled(t)
	if _, err := q.Hold(t.Context(), queue.Filter{IDs: []string{"m-3"}}, "asked by Anna"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		filter queue.Filter
		most   int
		want   string
		read   int // at most
	}{
		"all":           {queue.Filter{}, 2, "other.example: 1, 4h0m0s, held 0, m-4[1 2]; partner.example: 5, 4h0m0s, held 1, m-4[0] m-3[0]", 3},
		"none of them":  {queue.Filter{}, 0, "other.example: 1, 4h0m0s, held 0, ; partner.example: 5, 4h0m0s, held 1, ", 2},
		"a domain":      {queue.Filter{Domain: "Other.example"}, 9, "other.example: 1, 4h0m0s, held 0, m-4[1 2]", 99},
		"a recipient":   {queue.Filter{To: "fay@other.example"}, 9, "other.example: 1, 4h0m0s, held 0, m-4[2]", 99},
		"old ones":      {queue.Filter{Older: 3 * time.Hour}, 9, "other.example: 1, 4h0m0s, held 0, m-4[1 2]; partner.example: 2, 4h0m0s, held 1, m-4[0] m-3[0]", 99},
		"a reason":      {queue.Filter{Reason: "ANNA"}, 9, "partner.example: 1, 3h0m0s, held 1, m-3[0]", 99},
		"an ID":         {queue.Filter{IDs: []string{"m-1", "m-9"}}, 9, "partner.example: 1, 1h0m0s, held 0, m-1[0]", 1},
		"nobody's mail": {queue.Filter{From: "<>"}, 9, "", 99},
	} {
		t.Run(name, func(t *testing.T) {
			store.read = 0
			groups, err := q.Groups(t.Context(), c.filter, c.most)
			if got := describe(groups); err != nil || got != c.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, c.want)
			}
			if store.read > c.read {
				t.Errorf("%d messages were read", store.read)
			}
		})
	}
}

// What is stored is grouped by domain without a running queue, and nothing is changed.
func TestGroupStored(t *testing.T) {
	q, _ := filled(t)
	var all []*queue.Message
	err := q.Each(t.Context(), queue.Filter{Domain: "partner.example"}, func(i queue.Item) error {
		all = append(all, i.Message)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all[4].Recipients[0].State = queue.Delivered
	each := func(f func(*queue.Message)) error {
		for _, m := range all {
			f(m)
		}
		return nil
	}
	for name, c := range map[string]struct {
		filter queue.Filter
		want   string
	}{
		"all":         {queue.Filter{}, "other.example: 1, 4h0m0s, held 0, m-4[1 2]; partner.example: 4, 4h0m0s, held 0, m-4[0]"},
		"a recipient": {queue.Filter{To: "eve@other.example"}, "other.example: 1, 4h0m0s, held 0, m-4[1]"},
		"an ID":       {queue.Filter{IDs: []string{"m-2"}}, "partner.example: 1, 2h0m0s, held 0, m-2[0]"},
	} {
		t.Run(name, func(t *testing.T) {
			groups, err := queue.GroupStored(c.filter, noon, 1, each)
			if got := describe(groups); err != nil || got != c.want {
				t.Errorf("%v\n%s\nwant\n%s", err, got, c.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	q, _ := filled(t)
	m, body, err := q.Read("m-3")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.NewSectionReader(body, 0, body.Size()))
	if err != nil || m.ID != "m-3" || string(text) != "Subject: x\r\n\r\nm-3\r\n" {
		t.Errorf("%v %s %q", err, m.ID, text)
	}
	for _, id := range []string{"m-9", "../m-3", ""} {
		if _, _, err := q.Read(id); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
