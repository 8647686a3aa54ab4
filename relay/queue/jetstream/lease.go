package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// partition is a part of the messages as this relay sees it.
type partition struct {
	phase phase
	rev   uint64    // of the lease
	until time.Time // when the lease ends, unless it is renewed
	last  uint64    // the last message in the stream that was read
	stop  context.CancelFunc
	done  chan struct{} // closed when nobody reads its messages any more
}

// phase is what a relay does with a partition.
type phase uint8

const (
	free     phase = iota // nothing: another relay has it, or nobody
	held                  // it sends its messages
	draining              // it ends the attempts that are being made
	leaving               // it gives back the lease
)

// holds reports whether the relay may begin to send a message of the partition.
func (p *partition) holds() bool { return p.phase == held && time.Now().Before(p.until) }

func (s *Store) holds(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.partitions[n].holds()
}

// Owns implements queue.Shared.
func (s *Store) Owns(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.known[id]
	return at != nil && s.partitions[at.partition].holds()
}

// Keys of the bucket.
const (
	keyPartition = "partition." // and a number; its value is the relay that has it
	keyRelay     = "relay."     // and a random name: a relay that is alive
)

// valid returns until when a lease counts that was asked for at the time began: shorter than NATS
// keeps it, so that clocks may differ a little.
func (s *Store) valid(began time.Time) time.Time { return began.Add(s.lease - s.lease/6) }

// take asks for the lease on a partition. ok is false when another relay has it.
func (s *Store) take(ctx context.Context, p places, n int) (ok bool, err error) {
	began := time.Now()
	rev, err := p.leases.Create(ctx, fmt.Sprint(keyPartition, n), []byte(s.opt.Relay))
	if errors.Is(err, jetstream.ErrKeyExists) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := &s.partitions[n]
	*at = partition{phase: held, rev: rev, until: s.valid(began), done: make(chan struct{})}
	return true, nil
}

// renew renews the leases that this relay has, and returns the partitions whose lease
// has ended.
func (s *Store) renew(ctx context.Context, p places) (lost []int, failed error) {
	for n := range partitionCount {
		s.mu.Lock()
		at := s.partitions[n]
		s.mu.Unlock()
		if at.phase != held && at.phase != draining {
			continue
		}
		began := time.Now()
		rev, err := p.leases.Update(ctx, fmt.Sprint(keyPartition, n), []byte(s.opt.Relay), at.rev)
		s.mu.Lock()
		now := &s.partitions[n]
		switch {
		case now.phase == held && !now.holds():
			// Too late, whatever NATS says: the queue may have dropped messages because
			// they were not ours.
			if err == nil {
				now.rev = rev // to give it back
			}
		case err == nil:
			now.rev, now.until = rev, s.valid(began)
		case isWrongSequence(err) && s.overtaken(ctx, p, n, at.rev):
			now.until = time.Time{}
		default:
			failed = err
		}
		if now.phase == held && !now.holds() {
			lost = append(lost, n)
		}
		s.mu.Unlock()
	}
	return lost, failed
}

// overtaken reports whether the lease is not the one that was stored last by this relay. An
// acknowledgement may have been lost: then it is ours nevertheless. s.mu is held.
func (s *Store) overtaken(ctx context.Context, p places, n int, _ uint64) bool {
	s.mu.Unlock()
	entry, err := p.leases.Get(ctx, fmt.Sprint(keyPartition, n))
	s.mu.Lock()
	if err == nil && string(entry.Value()) == s.opt.Relay && s.partitions[n].holds() {
		s.partitions[n].rev = entry.Revision()
		return false
	}
	return err == nil || errors.Is(err, jetstream.ErrKeyNotFound)
}

// giveBack deletes the lease on a partition, so that another relay need not wait for
// its end.
func (s *Store) giveBack(n int) {
	s.mu.Lock()
	at := &s.partitions[n]
	at.phase = leaving
	rev := at.rev
	s.mu.Unlock()
	s.deleteKey(fmt.Sprint(keyPartition, n), rev)
	s.mu.Lock()
	defer s.mu.Unlock()
	*at = partition{}
}

// deleteKey deletes a key of the bucket up to a revision, without a trace: a later one is
// another relay's. One that stays ends with its time.
func (s *Store) deleteKey(key string, rev uint64) {
	bucket := s.opt.Name + leasesSuffix
	_ = s.try(func(ctx context.Context) error {
		stream, err := s.js.Stream(ctx, leasesPrefix+bucket)
		if err == nil {
			err = stream.Purge(ctx, jetstream.WithPurgeSubject("$KV."+bucket+"."+key), jetstream.WithPurgeSequence(rev+1))
		}
		return err
	})
}

// alive returns the number of relays, and which partitions have a lease.
func (s *Store) alive(ctx context.Context) (relays int, leased [partitionCount]bool, err error) {
	bucket := s.opt.Name + leasesSuffix
	stream, err := s.js.Stream(ctx, leasesPrefix+bucket)
	if err != nil {
		return 0, leased, err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(">"))
	if err != nil {
		return 0, leased, err
	}
	prefix := "$KV." + bucket + "."
	for subject := range info.State.Subjects {
		key := strings.TrimPrefix(subject, prefix)
		var n int
		switch {
		case strings.HasPrefix(key, keyRelay):
			relays++
		default:
			if _, err := fmt.Sscanf(key, keyPartition+"%d", &n); err == nil && n >= 0 && n < partitionCount {
				leased[n] = true
			}
		}
	}
	return max(relays, 1), leased, nil
}
