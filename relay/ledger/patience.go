package ledger

import (
	"sync"
	"time"
)

// patience tells those who wait for the journal when nothing has been written for too long.
// It has one timer for all of them: one for each message would cost a tenth of what the
// ledger takes.
type patience struct {
	limit time.Duration

	mu      sync.Mutex
	waiting int
	over    chan struct{} // closed when the patience of all who wait is over
	timer   *time.Timer
	running bool
	still   int // times in a row that the timer found nothing ended
}

// patienceParts is how often the timer looks within the limit. Who waits is told after half
// of the limit at least, and after the whole of it at most.
const patienceParts = 4

func newPatience(limit time.Duration) *patience {
	return &patience{limit: limit, over: make(chan struct{})}
}

// enter is called before somebody waits, and leave afterwards. The channel is closed when it
// takes too long.
func (p *patience) enter() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting++
	if !p.running {
		p.running, p.still = true, 0
		if p.timer == nil {
			p.timer = time.AfterFunc(p.limit/patienceParts, p.look)
		} else {
			p.timer.Reset(p.limit / patienceParts)
		}
	}
	return p.over
}

func (p *patience) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	p.still = -1 // until the timer has looked
}

// look is called by the timer.
func (p *patience) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == 0 {
		p.running = false
		return
	}
	if p.still++; p.still == patienceParts-1 {
		close(p.over)
		p.over, p.still = make(chan struct{}), 0
	}
	p.timer.Reset(p.limit / patienceParts)
}
