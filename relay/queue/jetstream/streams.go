package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// places is where things are kept.
type places struct {
	messages, states jetstream.Stream
	bodies           jetstream.ObjectStore
	leases           jetstream.KeyValue
}

const (
	// duplicates is how long the stream recognises a message that is published again
	// because the first acknowledgement did not arrive.
	duplicates = 2 * time.Minute
	// statesSuffix and leasesSuffix follow the name of the queue.
	statesSuffix = "_STATE"
	leasesSuffix = "_OWNER"
	defaultName  = "RECONVENE_QUEUE"
	// objectPrefix and leasesPrefix are before the name in those of the streams with the object
	// store and with the bucket: NATS names them so.
	objectPrefix = "OBJ_"
	leasesPrefix = "KV_"
)

// Streams returns the names of the streams with the default name of the queue: that of the
// messages, that of their states, and those of the large bodies and of the leases.
func Streams() []string {
	return []string{defaultName, defaultName + statesSuffix, objectPrefix + defaultName, leasesPrefix + defaultName + leasesSuffix}
}

// Usable returns why a stream of Streams cannot be used with such settings, or nil.
func Usable(c jetstream.StreamConfig) error {
	switch {
	case strings.HasPrefix(c.Name, objectPrefix):
		return nil // NATS has made it
	case strings.HasPrefix(c.Name, leasesPrefix):
		return noLimit(strings.TrimPrefix(c.Name, leasesPrefix), c.MaxAge)
	}
	return unusable(c)
}

// prepare finds the places, or makes them.
func (s *Store) prepare(ctx context.Context) (p places, err error) {
	o := s.opt
	p.messages, err = s.stream(ctx, jetstream.StreamConfig{
		Name: o.Name, Subjects: []string{o.Name + ".>"}, Description: "messages in the queue of Reconvene",
		Storage: jetstream.FileStorage, Replicas: o.Replicas, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxBytes: o.MaxBytes, Duplicates: duplicates,
	})
	if err != nil {
		return p, err
	}
	// Without a limit: what was delivered has to be stored also while the queue is full.
	p.states, err = s.stream(ctx, jetstream.StreamConfig{
		Name: o.Name + statesSuffix, Subjects: []string{o.Name + statesSuffix + ".>"}, Description: "states of the messages in the queue of Reconvene",
		Storage: jetstream.FileStorage, Replicas: o.Replicas, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxMsgsPerSubject: 1,
	})
	if err != nil {
		return p, err
	}
	p.bodies, err = s.js.ObjectStore(ctx, o.Name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		p.bodies, err = s.js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: o.Name, Description: "large bodies in the queue of Reconvene",
			Storage: jetstream.FileStorage, Replicas: o.Replicas, MaxBytes: o.MaxBytes})
	}
	if err != nil {
		return p, fmt.Errorf("object store %s: %w", o.Name, err)
	}
	p.leases, err = s.js.KeyValue(ctx, o.Name+leasesSuffix)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		p.leases, err = s.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: o.Name + leasesSuffix, Description: "which relay of Reconvene sends what",
			Storage: jetstream.FileStorage, Replicas: o.Replicas, TTL: o.Lease})
	}
	if err != nil {
		return p, fmt.Errorf("bucket %s: %w", o.Name+leasesSuffix, err)
	}
	return p, s.checkLease(ctx, p.leases)
}

// stream finds a stream or makes it. One that exists is left as it is.
func (s *Store) stream(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	found, err := s.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		found, err = s.js.CreateStream(ctx, want)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another relay was faster
			found, err = s.js.Stream(ctx, want.Name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", want.Name, err)
	}
	return found, unusable(found.CachedInfo().Config)
}

// unusable reports a stream with which mail would be lost.
func unusable(c jetstream.StreamConfig) error {
	switch {
	case c.Discard != jetstream.DiscardNew:
		return fmt.Errorf("stream %s discards old messages when it is full: mail would be lost; set its discard policy to new", c.Name)
	case c.MaxAge > 0:
		return fmt.Errorf("stream %s deletes messages after %v: mail would be lost; set its max_age to 0", c.Name, c.MaxAge)
	case c.Retention != jetstream.LimitsPolicy:
		return fmt.Errorf("stream %s has the retention policy %v, and needs limits", c.Name, c.Retention)
	case c.Storage != jetstream.FileStorage:
		return fmt.Errorf("stream %s is kept in memory: mail would be lost at a restart; delete it, so that it is made anew", c.Name)
	case c.DenyDelete:
		return fmt.Errorf("stream %s does not let messages be deleted (deny_delete)", c.Name)
	case c.MaxMsgsPerSubject > 1 || c.NoAck:
		return fmt.Errorf("stream %s is not one that Reconvene has made: delete it, or use another account of NATS", c.Name)
	}
	return nil
}

// doubts returns what weakens the promise of a stream.
func doubts(c jetstream.StreamConfig) (list []string) {
	switch {
	case c.Replicas < 3:
		list = append(list, fmt.Sprintf("stream %s has %d replica(s): when the disk of a NATS server is lost, mail that was accepted is lost; 3 survive that", c.Name, c.Replicas))
	case c.Replicas%2 == 0:
		list = append(list, fmt.Sprintf("stream %s has %d replicas, which survive no more than %d do", c.Name, c.Replicas, c.Replicas-1))
	}
	return list
}

// checkLease uses the duration of the leases that the bucket has, whatever this
// relay's is.
func (s *Store) checkLease(ctx context.Context, kv jetstream.KeyValue) error {
	status, err := kv.Status(ctx)
	if err != nil {
		return err
	}
	ttl := status.TTL()
	if err := noLimit(kv.Bucket(), ttl); err != nil {
		return err
	}
	s.mu.Lock()
	s.lease = ttl
	s.mu.Unlock()
	return nil
}

// noLimit reports a bucket whose leases would not end.
func noLimit(bucket string, ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("bucket %s has no time limit (TTL): delete it, so that it is made anew", bucket)
	}
	return nil
}
