package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/relay/ledger"
)

// answerOf is a response on its way to Exchange; timed has the time of it.
func answerOf(who string, at int, profile string, timed bool) *ledger.Record {
	r := mail{at, "REPLY", 0, at, "", 24, who, "anna@example.com=250"}.record(1000 + at)
	r.Inbound, r.Direction, r.Sender, r.Profile, r.Program = true, "inbound", address(who), profile, "Notes"
	r.Components[0].Attendees[0].Untimed = !timed
	return r
}

// from2003 is a mail that Exchange 2003 wrote; untimed are the attendees whose
// response it has stored with the year 1601.
func from2003(m mail, untimed ...string) *ledger.Record {
	r := m.record(m.at)
	r.Program = "Microsoft CDO for Microsoft Exchange"
	for i, a := range r.Components[0].Attendees {
		for _, who := range untimed {
			r.Components[0].Attendees[i].Untimed = r.Components[0].Attendees[i].Untimed || a.Address == address(who)
		}
	}
	return r
}

func TestSuspects(t *testing.T) {
	invitation := mail{0, "REQUEST", 0, 0, "", 24, "bob eve", "bob=250 eve=250"}
	other := mail{0, "REQUEST", 0, 0, "", 24, "bob eve", "bob=250 eve=250"}.record(0)
	other.Program = "Microsoft Exchange Server 2010"
	series := from2003(mail{0, "REQUEST", 0, 0, "", 24, "bob eve", "bob=250 eve=250"})
	series.Components[0].Rule = "FREQ=WEEKLY"
	ending := from2003(mail{0, "REQUEST", 0, 0, "", 24, "bob eve", "bob=250 eve=250"})
	ending.Components[0].Rule = "FREQ=WEEKLY;UNTIL=20260401T000000Z"
	logged := answerOf("bob", 5, "standard", true)
	logged.Program, logged.Components[0].Attendees, logged.Findings = "", nil, []string{"cdo-critical-change-missing"}
	repaired := answerOf("bob", 5, "standard", true)
	repaired.Program, repaired.Components[0].Attendees, repaired.Findings, repaired.Applied = "", nil, []string{"cdo-critical-change-missing"}, []string{"cdo-critical-change-missing"}
	lost := answerOf("bob", 5, "exchange2003", false)
	lost.Deliveries[0].Verdict = "refused"
	proposal := answerOf("bob", 5, "exchange2003", false)
	proposal.Components[0].MethodSent = "COUNTER"
	proposal.Components[0].Attendees = append(proposal.Components[0].Attendees, ledger.Attendee{Address: address("eve"), Untimed: true})
	const bob = "bob untimed-response"
	hour := 60
	for _, tt := range []struct {
		name    string
		records []*ledger.Record
		now     int
		want    []string
	}{
		{"the route says Exchange 2003", []*ledger.Record{invitation.record(0), answerOf("bob", 5, "exchange2003", false)}, hour, []string{bob}},
		{"the invitation says it", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "standard", false)}, hour, []string{bob}},
		{"another Exchange", []*ledger.Record{other, answerOf("bob", 5, "exchange", false)}, hour, nil},
		{"the response has its time", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "exchange2003", true)}, hour, nil},
		{"Exchange never got the response", []*ledger.Record{from2003(invitation), lost}, hour, nil},
		{"a later response has it", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "", false), answerOf("bob", 9, "", true)}, hour, nil},
		{"a proposal: the others said nothing", []*ledger.Record{from2003(invitation), proposal}, hour, []string{bob}},
		{"the log says that it lacks it", []*ledger.Record{from2003(invitation), logged}, hour, []string{bob}},
		{"the log says that it was repaired", []*ledger.Record{from2003(invitation), repaired}, hour, nil},
		{"an update reached them", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "", false), from2003(mail{9, "REQUEST", 1, 9, "", 24, "bob eve", "bob=250 eve=250"})}, hour, nil},
		{"a copy of what was tried before reached them", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "", false), from2003(mail{9, "REQUEST", 0, 0, "", 24, "bob eve", "bob=250"})}, hour, []string{bob}},
		{"an update reached others only", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "", false), from2003(mail{9, "CANCEL", 1, 9, "", 24, "bob eve", "eve=250"})}, hour, []string{bob + " stuck"}},
		{"a response from another address, and an update that reached all", []*ledger.Record{from2003(invitation), answerOf("robert", 5, "", false), from2003(mail{9, "REQUEST", 1, 9, "", 24, "bob eve", "bob=250 eve=250"})}, hour, nil},
		{"Exchange shows the year", []*ledger.Record{from2003(invitation), from2003(mail{9, "REQUEST", 1, 9, "", 24, "bob eve", "bob=250 eve=250"}, "eve")}, hour, []string{"eve stored-1601"}},
		{"it shows it no more", []*ledger.Record{from2003(mail{9, "REQUEST", 1, 9, "", 24, "bob eve", "bob=250 eve=250"}, "eve"), from2003(mail{12, "REQUEST", 2, 12, "", 24, "bob eve", "bob=250"})}, hour, nil},
		{"the meeting is over", []*ledger.Record{from2003(invitation), answerOf("bob", 5, "", false)}, 25 * hour, nil},
		{"a series goes on", []*ledger.Record{series, answerOf("bob", 5, "", false)}, 25 * hour, []string{bob}},
		{"a series is over", []*ledger.Record{ending, answerOf("bob", 5, "", false)}, 24 * 40 * hour, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir, nil)
			for _, r := range tt.records {
				l.Add(r)
			}
			l.Close()
			now := nine.Add(time.Duration(tt.now) * time.Minute)
			var got []string
			list, err := reader(t, dir).List(context.Background(), ledger.Query{Suspect: true}, now, rule)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				for _, x := range s.Suspects {
					name, _, _ := strings.Cut(x.Attendee, "@")
					text := fmt.Sprintf("%s %s", name, x.Why)
					if x.Stuck {
						text += " stuck"
					}
					if !strings.Contains(x.Advice, "MFCMAPI") || !strings.Contains(x.Advice, "FixRecipientTrackStatusTime") || !strings.Contains(x.Advice, "meetings cancel") {
						t.Errorf("advice: %s", x.Advice)
					}
					got = append(got, text)
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
