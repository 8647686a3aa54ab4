package relay

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// The rewriter gets what the configuration, the envelope and the next hop say.
func TestRewriteOptions(t *testing.T) {
	r := newRig(t, func(cfg *config.Config) {
		cfg.Listeners[0].Direction = config.Inbound
		cfg.Routes[0].Domains = []string{"rcpt.example"}
		cfg.Rewrite = config.Rewrite{Mode: "observe", Disable: []string{"seq-cdo"}, Enable: []string{"request-cancelled"}, SkipFrom: []string{"x.example"}, Header: true}
	})
	r.hop.profile = "domino"
	var got rewrite.Options
	var size int64
	r.srv.opt.Rewrite = func(src rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
		got, size = o, src.Size()
		return rewrite.Message(src, o)
	}
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
		r.srv.opt.Rewrite = func(src rewrite.Source, _ rewrite.Options) (rewrite.Result, error) {
			return rewrite.Result{Report: rewrite.Report{Changed: true}}, errors.New("out of luck")
		}
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

func TestMeetingEvent(t *testing.T) {
	finding := remedy.Finding{ID: "seq-cdo"}
	meeting := rewrite.Meeting{Profile: remedy.Domino, Findings: []remedy.Finding{finding, finding}, Applied: []string{"seq-cdo"}}
	bare, inside := rewrite.Meeting{}, rewrite.Meeting{UID: "inside"}
	skip := []rewrite.Skip{{What: "message", Why: "signed: multipart/signed"}}
	tests := []struct {
		name   string
		report rewrite.Report
		mode   rewrite.Mode
		err    error
		want   *MeetingEvent
	}{
		{"none", rewrite.Report{}, rewrite.Fix, nil, nil},
		{"repaired", rewrite.Report{Changed: true, Meetings: []rewrite.Meeting{meeting}}, rewrite.Fix, nil,
			&MeetingEvent{Calendars: []rewrite.Meeting{meeting}, Profile: "domino", Findings: []string{"seq-cdo"}, Applied: []string{"seq-cdo"}, Form: "profile", Outcome: Repaired}},
		{"observed", rewrite.Report{Meetings: []rewrite.Meeting{{Findings: []remedy.Finding{finding}}}}, rewrite.Observe, nil,
			&MeetingEvent{Calendars: []rewrite.Meeting{{Findings: []remedy.Finding{finding}}}, Findings: []string{"seq-cdo"}, Form: "as-received", Outcome: Observed}},
		{"clean", rewrite.Report{Meetings: []rewrite.Meeting{bare}}, rewrite.Fix, nil,
			&MeetingEvent{Calendars: []rewrite.Meeting{bare}, Form: "as-received", Outcome: Delivered}},
		{"enclosed", rewrite.Report{Skipped: skip, Enclosed: []rewrite.Meeting{inside}}, rewrite.Fix, nil,
			&MeetingEvent{Calendars: []rewrite.Meeting{inside}, Profile: "standard", Skipped: skip, Form: "as-received", Outcome: LeftAlone}},
		{"left alone", rewrite.Report{Skipped: skip}, rewrite.Fix, nil, &MeetingEvent{Profile: "standard", Skipped: skip, Form: "as-received", Outcome: LeftAlone}},
		{"failed", rewrite.Report{}, rewrite.Fix, io.ErrUnexpectedEOF, &MeetingEvent{Profile: "standard", Form: "as-received", Outcome: LeftAlone, Fault: io.ErrUnexpectedEOF}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := meetingEvent(tt.report, rewrite.Options{Mode: tt.mode, Profile: remedy.Standard}, tt.err)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
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

// What the rewriter made is kept as the body is: a little in memory, more in a
// file.
func TestLargeRepairIsPutToRest(t *testing.T) {
	mail := "Content-Type: text/calendar; method=CANCEL; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nPRODID:x\r\nVERSION:2.0\r\n" +
		"BEGIN:VEVENT\r\nUID:1@sender.example\r\nDTSTAMP:20260101T090000Z\r\nDTSTART:20260202T090000Z\r\nDTEND:20260202T100000Z\r\n" +
		"ORGANIZER:mailto:boss@sender.example\r\nSEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	for _, tt := range []struct {
		name     string
		inMemory int64
		kept     bool
	}{{"small", 1 << 20, false}, {"large", 100, true}} {
		t.Run(tt.name, func(t *testing.T) {
			body := spool.New(spool.Options{Directory: t.TempDir(), InMemory: tt.inMemory})
			defer body.Close()
			if _, err := body.Write([]byte(mail)); err != nil {
				t.Fatal(err)
			}
			result, err := rewrite.Message(body, rewrite.Options{})
			if err != nil || !result.Changed() {
				t.Fatal("nothing repaired", err)
			}
			out := &outgoing{body: result}
			defer out.close()
			if err := out.keep(result, body); err != nil {
				t.Fatal(err)
			}
			if (out.kept != nil) != tt.kept || tt.kept && !out.kept.InFile() {
				t.Errorf("kept in %+v", out.kept)
			}
			var got, want strings.Builder
			if _, err := out.WriteTo(&got); err != nil {
				t.Fatal(err)
			}
			if _, err := result.WriteTo(&want); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() || !strings.Contains(got.String(), "SEQUENCE:3") {
				t.Errorf("came out as %q", got.String())
			}
		})
	}
}
