package smtptest

import (
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// An address is free also while other tests start programs.
func TestFreeAddr(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			for range 100 {
				_ = exec.Command(self, "-test.run=^$").Run()
			}
		})
	}
	ended := make(chan struct{})
	go func() { starting.Wait(); close(ended) }()
	for {
		select {
		case <-ended:
			return
		default:
		}
		if c, err := net.Dial("tcp", FreeAddr(t)); err == nil {
			c.Close()
			t.Error("somebody listens")
		}
	}
}
