package jetstream

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/reconvene/reconvene/relay/queue"
)

// Options is what a Store needs.
type Options struct {
	Connect  func() (*nats.Conn, error) // a connection that connects again by itself
	Relay    string                     // the name of this relay in the cluster
	Name     string                     // of the stream and the buckets; RECONVENE_QUEUE
	Replicas int                        // when they are created
	MaxBytes int64                      // of the stream and of the object store, when they are created; 0: no limit
	Lease    time.Duration              // when they are created; 30s
	InMemory int64                      // up to which a body stays in memory while it is received; 1 MiB
	Temp     string                     // the folder for larger ones; "": the system's
	Warn     func(why string)           // about what weakens the promise of the queue; nil: nobody
}

// Store is the queue in NATS JetStream. Open opens it. It is safe for concurrent use.
type Store struct {
	opt  Options
	nc   *nats.Conn
	js   jetstream.JetStream
	ctx  context.Context // of all requests; ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup

	prepared chan struct{} // closed when places can be used

	failures atomic.Uint64 // see Status

	mu         sync.Mutex // guards what follows
	places     places
	why        error // why places cannot be used yet
	lease      time.Duration
	known      map[string]*place // messages of the partitions that this relay has
	partitions [partitionCount]partition
	cached     int64 // octets of the bodies in known
	round      round
}

// place is where a message is.
type place struct {
	partition int
	seq       uint64 // in the stream of messages
	state     uint64 // in the stream of states; 0: it was not changed
	large     bool   // its body is in the object store
	body      []byte // nil when it is not kept in memory
}

var _ queue.Shared = (*Store)(nil)

// Limits and timeouts.
const (
	partitionCount = 24               // 1, 2, 3, 4, 6, 8 or 12 relays share them evenly
	objectFrom     = 512 << 10        // bodies above this many octets are in the object store
	cacheMost      = 64 << 20         // octets of bodies that are kept until they are sent
	requestTimeout = 10 * time.Second // of one request
	prepareTimeout = 5 * time.Second  // of finding or making everything
	preparePause   = time.Second
)

// Open begins to use the queue. It does not wait for NATS: messages are refused
// temporarily until it can be reached. Close must be called.
func Open(opt Options) (*Store, error) {
	if opt.Name == "" {
		opt.Name = defaultName
	}
	if opt.Lease == 0 {
		opt.Lease = 30 * time.Second
	}
	if opt.Replicas == 0 {
		opt.Replicas = 1
	}
	if opt.InMemory == 0 {
		opt.InMemory = 1 << 20
	}
	if opt.MaxBytes == 0 {
		opt.MaxBytes = -1
	}
	if opt.Warn == nil {
		opt.Warn = func(string) {}
	}
	nc, err := opt.Connect()
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(requestTimeout))
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("queue: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{opt: opt, nc: nc, js: js, ctx: ctx, stop: stop, prepared: make(chan struct{}), known: map[string]*place{}, lease: opt.Lease,
		why: errors.New("NATS was not reached yet")}
	s.wg.Go(func() { s.prepareUntil(ctx) })
	return s, nil
}

// Close implements queue.Store.
func (s *Store) Close() error {
	s.stop()
	s.wg.Wait()
	s.nc.Close()
	return nil
}

// prepareUntil tries until the places can be used.
func (s *Store) prepareUntil(ctx context.Context) {
	for {
		one, cancel := context.WithTimeout(ctx, prepareTimeout)
		p, err := s.prepare(one)
		cancel()
		s.failed(err)
		s.mu.Lock()
		was := s.why
		s.places, s.why = p, err
		s.mu.Unlock()
		if err == nil {
			close(s.prepared)
			for _, stream := range []jetstream.Stream{p.messages, p.states} {
				for _, why := range doubts(stream.CachedInfo().Config) {
					s.opt.Warn(why)
				}
			}
			return
		}
		if ctx.Err() == nil && (was == nil || was.Error() != err.Error()) {
			s.opt.Warn(fmt.Sprintf("no mail can be accepted or sent: %v", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(preparePause):
		}
	}
}

// ready returns the places. It waits for them for a moment: at the start, a client may
// be faster than NATS.
func (s *Store) ready() (places, error) {
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-s.prepared:
	case <-wait.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why != nil {
		s.failed(s.why)
		return places{}, fmt.Errorf("the queue in NATS cannot be used: %w", s.why)
	}
	return s.places, nil
}

// partitionOf returns the partition of a message.
func partitionOf(m *queue.Message) int {
	key := m.ID
	if len(m.Meetings) > 0 {
		key = m.Meetings[0].UID
	}
	h := fnv.New32a()
	h.Write([]byte(key))
	return int(h.Sum32() % partitionCount)
}

// subject returns where a message is stored; id may be "*".
func (s *Store) subject(partition int, id string) string {
	return fmt.Sprintf("%s.%d.%s", s.opt.Name, partition, id)
}

// stateSubject returns where its states are stored.
func (s *Store) stateSubject(partition int, id string) string {
	return fmt.Sprintf("%s%s.%d.%s", s.opt.Name, statesSuffix, partition, id)
}
