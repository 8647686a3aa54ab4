package jetstream

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/spool"
)

// Header fields of a message in the stream.
const (
	headerEnvelope = "Reconvene-Envelope" // the envelope as JSON, when it is short
	headerSplit    = "Reconvene-Split"    // else the number of its octets in front of the body
	headerLarge    = "Reconvene-Object"   // the body is in the object store
)

// headerMost is how long an envelope may be in the header: JetStream stores at most
// 64 KiB of header fields.
const headerMost = 32 << 10

// writer receives a message that is not committed yet.
type writer struct {
	s    *Store
	id   string
	body *spool.Body
	sum  uint32
	done bool
}

// Create implements queue.Store.
func (s *Store) Create(id string) (queue.Writer, error) {
	if !queue.IsID(id) {
		return nil, fmt.Errorf("%q is no ID of a message", id)
	}
	return &writer{s: s, id: id, body: spool.New(spool.Options{InMemory: s.opt.InMemory, Directory: s.opt.Temp})}, nil
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.sum = queue.UpdateSum(w.sum, p)
	return w.body.Write(p)
}

// ReadAt implements io.ReaderAt.
func (w *writer) ReadAt(p []byte, off int64) (int, error) {
	if off >= w.body.Size() {
		return 0, io.EOF
	}
	return w.body.ReadAt(p, off)
}

// Discard implements queue.Writer.
func (w *writer) Discard() {
	if !w.done {
		w.done = true
		w.body.Close()
	}
}

// Commit implements queue.Writer. It sets size and checksum of the message.
func (w *writer) Commit(m *queue.Message) error {
	if w.done {
		return errors.New("the message was already committed or discarded")
	}
	defer w.Discard()
	p, err := w.s.ready()
	if err != nil {
		return err
	}
	m.Form, m.Size, m.Sum = queue.FormVersion, w.body.Size(), w.sum
	envelope, err := json.Marshal(m)
	if err != nil {
		return err
	}
	msg := &nats.Msg{Subject: w.s.subject(partitionOf(m), m.ID), Header: nats.Header{}}
	large := m.Size > objectFrom || int64(len(envelope))+m.Size > w.s.nc.MaxPayload()-headerMost
	var body []byte
	if large {
		msg.Header.Set(headerLarge, "1")
		if err := w.putObject(p, m.Size); err != nil {
			return full(err)
		}
	} else {
		body = make([]byte, m.Size)
		if n, err := w.body.ReadAt(body, 0); n < len(body) {
			return fmt.Errorf("reading what was received: %w", err)
		}
	}
	if len(envelope) <= headerMost {
		msg.Header.Set(headerEnvelope, string(envelope))
		msg.Data = body
	} else {
		msg.Header.Set(headerSplit, strconv.Itoa(len(envelope)))
		msg.Data = append(envelope, body...)
	}
	seq, err := w.s.publish(msg)
	if err != nil {
		if large {
			w.s.deleteObject(p, m.ID)
		}
		return full(err)
	}
	w.s.remember(m, seq, large, body)
	return nil
}

// publish publishes a message, again if the acknowledgement does not arrive: with the
// same number, so that it is stored once.
func (s *Store) publish(msg *nats.Msg) (seq uint64, err error) {
	id := rand.Text()
	err = s.try(func(ctx context.Context) error {
		ack, err := s.js.PublishMsg(ctx, msg, jetstream.WithMsgID(id), jetstream.WithExpectStream(s.opt.Name))
		if err == nil {
			seq = ack.Sequence
		}
		return err
	})
	return seq, err
}

// putObject stores a large body, and returns when it is acknowledged.
func (w *writer) putObject(p places, size int64) error {
	ctx, cancel := context.WithTimeout(w.s.ctx, requestTimeout+time.Duration(size>>20)*time.Second)
	defer cancel()
	info, err := p.bodies.Put(ctx, jetstream.ObjectMeta{Name: w.id}, io.NewSectionReader(w.body, 0, size))
	if err != nil {
		w.s.failed(err)
		return fmt.Errorf("storing the body: %w", err)
	}
	if int64(info.Size) != size {
		w.s.deleteObject(p, w.id)
		return fmt.Errorf("storing the body: %d of %d octets", info.Size, size)
	}
	return nil
}

// deleteObject deletes a large body, and what the object store would keep of it. One
// that stays is deleted by the sweep.
func (s *Store) deleteObject(p places, id string) {
	ctx, cancel := s.request()
	defer cancel()
	if err := p.bodies.Delete(ctx, id); err != nil {
		return
	}
	if stream, err := s.js.Stream(ctx, objectPrefix+s.opt.Name); err == nil {
		_ = stream.Purge(ctx, jetstream.WithPurgeSubject("$O."+s.opt.Name+".M."+base64.URLEncoding.EncodeToString([]byte(id))))
	}
}

// remember keeps the place of a message, and its body, if this relay has its
// partition: it will be sent at once.
func (s *Store) remember(m *queue.Message, seq uint64, large bool, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := partitionOf(m)
	p, at := &s.partitions[n], s.known[m.ID]
	switch {
	case !p.holds(), s.cached+int64(len(body)) > cacheMost:
	case at != nil && at.seq == seq && at.body == nil: // it was followed before it was acknowledged
		at.body = body
		s.cached += int64(len(body))
	case at == nil && seq > p.last: // else it was sent before it was acknowledged
		s.known[m.ID] = &place{partition: n, seq: seq, large: large, body: body}
		s.cached += int64(len(body))
	}
}

// forget drops what is known of a message. s.mu is held.
func (s *Store) forget(id string) {
	if at := s.known[id]; at != nil {
		s.cached -= int64(len(at.body))
		delete(s.known, id)
	}
}
