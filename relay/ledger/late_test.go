package ledger

import (
	"context"
	"testing"
	"time"
)

// One look-up that is late costs its own message an answer; only several in a row, or
// a file that cannot be read, cost the following ones theirs.
func TestLateLookups(t *testing.T) {
	for _, tt := range []struct {
		name  string
		ends  string // of look-ups: in time, late, with an error
		quiet bool
	}{
		{"in time", "ttt", false},
		{"one late", "tl", false},
		{"two late", "ll", false},
		{"three late", "lll", true},
		{"late, but not in a row", "lltll", false},
		{"unreadable", "e", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &Ledger{memory: lookupState{ready: true, reader: &Reader{}}}
			l.opt.Now = func() time.Time { return time.Unix(1e9, 0) }
			for _, end := range tt.ends {
				var err error
				if end != 't' {
					err = context.DeadlineExceeded
				}
				l.memory.answered(time.Unix(1e9, 0), err, end == 'l')
			}
			if quiet := l.recallReader(t.Context()) == nil; quiet != tt.quiet {
				t.Errorf("the file is left alone: %v", quiet)
			}
		})
	}
}
