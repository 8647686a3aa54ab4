package relay

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// The rewriter gets what the configuration, the envelope and the next hop say.
func TestRewriteOptions(t *testing.T) {
	var got rewrite.Options
	var size int64
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Direction = config.Inbound
		cfg.Routes[0].Domains = []string{"rcpt.example"}
		cfg.Rewrite = config.Rewrite{Mode: "observe", Disable: []string{"seq-cdo"}, Enable: []string{"request-cancelled"}, SkipFrom: []string{"x.example"}, Header: true}
	}, func(o *Options) {
		o.Delivery.Rewrite = func(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
			got, size = o, src.Size()
			return rewrite.Message(src, o)
		}
	})
	r.hop.profile = "domino"
	c := r.hello("plain")
	c.envelope()
	c.say("RCPT TO:<c@rcpt.example>", "250")
	c.say("DATA", "354")
	c.send(message + ".\r\n")
	c.expect("250")
	if got.Now.IsZero() {
		t.Error("no time given")
	}
	if got.Context == nil || got.Admit == nil || got.Timeout != rewrite.DefaultTimeout {
		t.Errorf("unbounded: %+v", got)
	}
	got.Now, got.Context, got.Admit, got.Timeout = rewrite.Options{}.Now, nil, nil, 0
	want := rewrite.Options{Direction: remedy.Inbound, Mode: rewrite.Observe, Profile: remedy.Domino, Disable: []string{"seq-cdo"}, Enable: []string{"request-cancelled"}, SkipFrom: []string{"x.example"}, Header: true,
		Sender: "a@sender.example", Recipients: []string{"b@rcpt.example", "c@rcpt.example"}, Form: rewrite.Mail}
	if !reflect.DeepEqual(got, want) || size != int64(len(message)) {
		t.Errorf("got  %+v\nwant %+v\nsize %d", got, want, size)
	}
}

// An error of the rewriter costs nothing: the original goes out, and the log
// says why it was left alone.
func TestRewriterFails(t *testing.T) {
	eachTransport(t, nil, func(t *testing.T, r *rig, c *talker) {
		c.envelope()
		c.say("DATA", "354")
		c.send(message + ".\r\n")
		c.expect("250")
		wantBodies(t, r, message)
		for _, want := range []string{"msg=left-alone", "out of luck", "outcome=left-alone"} {
			if !strings.Contains(r.log.String(), want) {
				t.Errorf("%s is missing in the log: %s", want, r.log)
			}
		}
	}, func(o *Options) {
		o.Delivery.Rewrite = func(rewrite.Source, rewrite.Options) (rewrite.Result, error) {
			return rewrite.Result{Report: rewrite.Report{Changed: true}}, errors.New("out of luck")
		}
	})
}

// A message that has more than is looked at is no error of ours.
func TestTooManyParts(t *testing.T) {
	r := newRig(t, nil)
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	many := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 3000) + "--b--\r\n"
	c.send(many + ".\r\n")
	c.expect("250")
	wantBodies(t, r, many)
	if log := r.log.String(); !strings.Contains(log, `level=INFO msg=left-alone`) || !strings.Contains(log, `why="message exceeds a limit: more than`) || strings.Contains(log, "fault") {
		t.Errorf("log %s", log)
	}
}

// Messages above and below the memory limit, one after the other and at the same
// time, do not mix.
func TestMessagesDoNotMix(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) { cfg.Limits.Memory = 10_000 })
	done := make(chan struct{})
	var want []string
	for i := range 8 {
		letter := string(rune('a' + i))
		small, large := strings.Repeat(letter, 70)+"\r\n", strings.Repeat(strings.Repeat(letter, 70)+"\r\n", 3000)
		want = append(want, large, small)
		c := r.hello([]string{"plain", "starttls", "implicit"}[i%3])
		go func() {
			defer func() { done <- struct{}{} }()
			for _, body := range []string{small, large} {
				io.WriteString(c.conn, "MAIL FROM:<a@sender.example>\r\nRCPT TO:<b@rcpt.example>\r\nDATA\r\n"+body+".\r\n")
				for range 4 {
					c.reply()
				}
			}
		}()
	}
	for range 8 {
		<-done
	}
	got := r.hop.bodies()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %s", brief(got))
	}
}
