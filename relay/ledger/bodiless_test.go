package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/ledger"
)

// A recipient who is refused alone at RCPT is named as refused, with the words of who
// refused: the body never came, but everybody else got it from the same sender then.
func TestRefusedAlone(t *testing.T) {
	no := envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: []string{"no such user"}, Remote: "mail.example.com [192.0.2.1]:25"}
	later := no
	later.Code, later.Enhanced = 450, [3]int{4, 2, 1}
	for _, tt := range []struct {
		name, from string
		at         int // minutes after nine
		verdict    envelope.Verdict
		why, words string
	}{
		{"refused", "anna@example.com", 5, no, ledger.WhyRefused, "the receiver refused the cancellation"},
		{"before the others", "anna@example.com", 4, no, ledger.WhyRefused, "the receiver refused the cancellation"},
		{"put off", "anna@example.com", 5, later, ledger.WhyWaiting, "the next hop defers the cancellation"},
		{"another sender", "carl@example.com", 5, no, ledger.WhyNever, "Exchange did not send the cancellation"},
		{"another day", "anna@example.com", 1000, no, ledger.WhyNever, "Exchange did not send the cancellation"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir, nil)
			for i, m := range []mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 1, 5, "", 1, "bob eve", "bob=250"}} {
				l.Add(m.record(i))
			}
			l.Message(&relay.Event{ID: "r-1", From: tt.from, At: nine.Add(time.Duration(tt.at) * time.Minute), Outcome: delivery.Refused, Verdict: tt.verdict,
				Recipients: []relay.RecipientEvent{{Address: address("eve"), Verdict: tt.verdict, NextHop: tt.verdict.Remote}}, Why: "no recipient was accepted"})
			now := nine.Add(48 * time.Hour)
			list := notNotified(t, dir, now)
			if len(list) != 1 || list[0].Attendee != address("eve") || list[0].Why != tt.why || !strings.HasPrefix(list[0].Advice, tt.words) {
				t.Fatalf("%+v", list)
			}
			if m := list[0]; tt.why != ledger.WhyNever && (m.Code != tt.verdict.Code || !strings.HasSuffix(m.Reply, ".1 no such user") || len(m.Reply) != len("5.1.1 no such user") || m.NextHop != tt.verdict.Remote || m.ID != "r-1") {
				t.Errorf("%+v", m)
			}
			r, err := ledger.OpenReader(context.Background(), dir, config.Ledger{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if s, err := r.Stats(t.Context()); err != nil || s.Messages != 2 || s.Meetings != 1 {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// The reply in a case has the enhanced code, as in the log.
func TestMissingHasTheEnhancedCode(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nil)
	for i, m := range []mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 1, 5, "", 1, "bob eve", "bob=250 eve=550"}} {
		r := m.record(i)
		for k := range r.Deliveries {
			r.Deliveries[k].Enhanced = "5.7.1"
		}
		l.Add(r)
	}
	if list := notNotified(t, dir, nine.Add(48*time.Hour)); len(list) != 1 || list[0].Reply != "5.7.1 words for eve" {
		t.Errorf("%+v", list)
	}
}
