package ledger_test

import (
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/ledger"
)

// All who wait are told when nothing ends any more, and those who come later anew.
func TestPatience(t *testing.T) {
	enter, leave, _ := ledger.Patience(20 * time.Millisecond)
	for range 3 {
		first, second := enter(), enter()
		<-first
		<-second
		third := enter()
		if third == first {
			t.Fatal("who has just come is told at once")
		}
		<-third
		leave()
		leave()
		leave()
	}
}

// As long as something ends again and again, nobody is told.
func TestPatienceWhileWorking(t *testing.T) {
	enter, leave, look := ledger.Patience(time.Hour)
	over := enter()
	told := func() bool {
		select {
		case <-over:
			return true
		default:
			return false
		}
	}
	for range 10 {
		enter()
		leave()
		look()
		look()
	}
	if told() {
		t.Error("somebody is told")
	}
	look()
	look()
	if !told() {
		t.Error("nobody is told")
	}
}
