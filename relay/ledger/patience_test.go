package ledger_test

import (
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/ledger"
)

// All who wait are told when nothing ends any more, and those who come later anew.
func TestPatience(t *testing.T) {
	enter, leave := ledger.Patience(20 * time.Millisecond)
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
	enter, leave := ledger.Patience(time.Hour)
	over := enter()
	for range 1000 {
		enter()
		leave()
	}
	select {
	case <-over:
		t.Error("somebody is told")
	default:
	}
}
