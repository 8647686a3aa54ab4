package relay

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/queue/directory"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// queueing returns options for a server with a queue in a directory of its own.
func queueing(t *testing.T) (folder string, change func(*config.Config), options func(*Options)) {
	folder = t.TempDir()
	change = func(cfg *config.Config) {
		for i := range cfg.Listeners {
			cfg.Listeners[i].Handoff = config.HandoffQueue
		}
		cfg.Queue = config.Queue{Expire: 48 * time.Hour, DelayNotice: 4 * time.Hour, DelayNoticeMeeting: 15 * time.Minute,
			RetryFirst: time.Minute, RetryMost: time.Hour, Concurrency: 20, Workers: 50}
	}
	return folder, change, func(o *Options) {
		store, err := directory.Open(folder)
		if err != nil {
			t.Fatal(err)
		}
		o.Store = store
	}
}

// stored returns the names of the messages in a queue's folder.
func stored(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A message is answered when it is stored, sent with our Received field, and removed
// when the next hop has accepted it.
func TestStoreAndForward(t *testing.T) {
	for _, transport := range []string{"plain", "starttls", "implicit"} {
		t.Run(transport, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				folder, change, options := queueing(t)
				r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
				c := r.hello(transport)
				c.envelope()
				c.say("RCPT TO:<c@other.example>", "250") // another route
				c.say("DATA", "354")
				c.send(message + ".\r\n")
				got := c.expect("250")
				if !strings.Contains(got[0], "queued as ") {
					t.Errorf("reply %q", got)
				}
				synctest.Wait()
				if got := stored(t, folder); len(got) != 0 {
					t.Errorf("left: %v", got)
				}
				if got := r.hop.bodies(); len(got) != 2 || got[0] != message || got[1] != message {
					t.Errorf("sent %q", got)
				}
				if !strings.Contains(r.hop.messages[0], "by relay.example with ESMTP") {
					t.Errorf("no trace in %q", r.hop.messages[0])
				}
				for _, want := range []string{"outcome=queued", "outcome=delivered"} {
					if !strings.Contains(r.log.String(), want) {
						t.Errorf("the log lacks %s:\n%s", want, r.log)
					}
				}
			})
		})
	}
}

// A refusal for the time being is tried again after growing pauses; what was accepted
// for some recipients is not sent to them again.
func TestDeferredIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
		tries := 0
		r.hop.rcpt = func(path string) envelope.Verdict {
			if path == "late@rcpt.example" {
				if tries++; tries < 4 {
					return envelope.Verdict{Code: 450, Enhanced: [3]int{4, 2, 0}, Text: []string{"greylisted"}, Remote: "next [192.0.2.9]:25"}
				}
			}
			return hopSays250
		}
		c := r.hello("plain")
		c.envelope()
		c.say("RCPT TO:<late@rcpt.example>", "250")
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		synctest.Wait()
		if got := stored(t, folder); len(got) != 2 {
			t.Fatalf("stored: %v", got)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := stored(t, folder); len(got) != 0 || tries != 4 {
			t.Errorf("after %d attempts left: %v", tries, got)
		}
		if want := [][]string{{"b@rcpt.example", "late@rcpt.example"}, {"late@rcpt.example"}, {"late@rcpt.example"}, {"late@rcpt.example"}}; !slices.EqualFunc(r.hop.batches, want, slices.Equal[[]string]) {
			t.Errorf("sent to %v", r.hop.batches)
		}
	})
}

// A store that cannot take a message is a temporary failure: the client keeps it.
func TestStoreFails(t *testing.T) {
	if os.Getuid() == 0 {
		t.Log("as root the folder is removed, since its mode does not count")
	}
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		r := newRigAt(t, &smtptest.Network{}, change, []func(*Options){options})
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		c := r.hello("plain")
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("451 4.3.0")
		if err := r.srv.QueueTrouble(); err == nil || !strings.Contains(err.Error(), "cannot be stored") || strings.Count(r.log.String(), "msg=queue-failed") != 1 {
			t.Errorf("nobody is told: %v, %s", err, r.log)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		synctest.Wait()
		if got := r.hop.bodies(); len(got) != 1 {
			t.Errorf("sent %q", got)
		}
		if err := r.srv.QueueTrouble(); err == nil || !strings.Contains(err.Error(), "removed or replaced") || strings.Count(r.log.String(), "msg=queue-recovered") != 1 {
			t.Errorf("nobody is told that it works again, in another folder: %v, %s", err, r.log)
		}
	})
}

// A client may ask for a time limit (RFC 2852) and a priority (RFC 6710) where mail is
// stored, and nowhere else.
func TestDeliverByAndPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, change, options := queueing(t)
		r := newRigAt(t, &smtptest.Network{}, func(cfg *config.Config) {
			change(cfg)
			cfg.Listeners[1].Handoff = config.HandoffProxy
		}, []func(*Options){options})
		r.hop.rcpt = func(path string) envelope.Verdict {
			if path != "b@rcpt.example" {
				return hopSays250
			}
			return envelope.Verdict{Code: 450, Enhanced: [3]int{4, 2, 0}, Text: []string{"greylisted"}, Remote: "next [192.0.2.9]:25"}
		}
		c := r.hello("plain")
		if got := strings.Join(c.say("EHLO client.example", "250"), " "); !strings.Contains(got, "DELIVERBY") || !strings.Contains(got, "MT-PRIORITY") || !strings.Contains(got, "DSN") {
			t.Errorf("offered %s", got)
		}
		c.say("MAIL FROM:<a@sender.example> BY=600;R MT-PRIORITY=-3", "250")
		c.say("RCPT TO:<b@rcpt.example>", "250")
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		synctest.Wait()
		names := stored(t, folder)
		if len(names) != 2 {
			t.Fatalf("stored %v", names)
		}
		if b, err := os.ReadFile(names[1]); err != nil || !strings.Contains(string(b), `"priority":-3`) || !strings.Contains(string(b), `"return":true`) {
			t.Errorf("%s %v", b, err)
		}
		time.Sleep(12 * time.Minute)
		synctest.Wait()
		if got := r.hop.bodies(); len(got) != 1 || !strings.Contains(r.hop.messages[0], "Status: 5.4.7") || len(stored(t, folder)) != 0 {
			t.Errorf("after the time: %q, left %v", got, stored(t, folder))
		}
		other := r.hello("implicit")
		if got := strings.Join(other.say("EHLO client.example", "250"), " "); strings.Contains(got, "DELIVERBY") || strings.Contains(got, "MT-PRIORITY") {
			t.Errorf("a proxy offers %s", got)
		}
		other.say("MAIL FROM:<a@sender.example> BY=600;R", "555 5.5.4")
		other.say("MAIL FROM:<a@sender.example> MT-PRIORITY=3", "555 5.5.4")
	})
}
