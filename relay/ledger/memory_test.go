package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/ledger"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// exchange is a ledger with a relay's work around it.
type exchange struct {
	t   *testing.T
	l   *ledger.Ledger
	dir string
	n   int

	seconds atomic.Int64 // that have passed; the ledger's own goroutine reads the clock, too
}

func (x *exchange) now() time.Time {
	return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(x.seconds.Load()) * time.Second)
}

func newExchange(t *testing.T, c config.Ledger) *exchange {
	t.Helper()
	x := &exchange{t: t, dir: t.TempDir()}
	o := ledger.Options{Directory: x.dir, Config: c, Now: x.now, Wait: 20 * time.Second}
	o.Patient()
	l, err := ledger.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	x.l = l
	t.Cleanup(l.Close)
	return x
}

// pass repairs a mail, delivers it, and has it recorded. It returns what was sent.
func (x *exchange) pass(mail string, inbound bool, to ...string) (string, rewrite.Report) {
	x.t.Helper()
	o := rewrite.Options{Now: x.now(), Recipients: to, Memory: x.l.Recall(inbound, to)}
	if inbound {
		o.Direction = remedy.Inbound
	}
	res, err := rewrite.Message(strings.NewReader(mail), o)
	if err != nil {
		x.t.Fatal(err)
	}
	var out strings.Builder
	if _, err := res.WriteTo(&out); err != nil {
		x.t.Fatal(err)
	}
	x.n++
	x.seconds.Add(1)
	_, id, _ := strings.Cut(mail, "Message-ID: ")
	id, _, _ = strings.Cut(id, "\r\n")
	e := &relay.Event{ID: fmt.Sprint("m", x.n), From: "anna@example.com", Inbound: inbound, MessageID: id, At: x.now(), Outcome: delivery.Repaired,
		Meeting: &delivery.Meeting{Calendars: res.Report.Meetings, Applied: res.Report.Applied()}}
	for _, a := range to {
		e.Recipients = append(e.Recipients, relay.RecipientEvent{Address: a, Verdict: envelope.Verdict{Code: 250}})
	}
	x.l.Message(e)
	return out.String(), res.Report
}

func letter(id, date, prodid, method string, lines ...string) string {
	return "From: anna@example.com\r\nTo: ben@partner.example\r\nDate: " + date + "\r\nMessage-ID: <" + id + "@x>\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=" + method + "; charset=utf-8\r\n\r\n" +
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:" + prodid + "\r\nMETHOD:" + method + "\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTART:20260309T090000Z\r\nDTEND:20260309T100000Z\r\nSUMMARY:x\r\n" +
		"ORGANIZER;CN=Anna:mailto:anna@example.com\r\nATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION:mailto:ben@partner.example\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

const sunday = "Sun, 01 Mar 2026 09:00:00 +0000"

// What the ledger remembers makes the repair: for those who got the earlier
// revision, not for others, and also where addresses are kept as hashes.
func TestRecall(t *testing.T) {
	for _, addresses := range []string{"plain", "hashed"} {
		t.Run(addresses, func(t *testing.T) {
			x := newExchange(t, config.Ledger{Addresses: config.AddressStyle(addresses), Texts: true})
			invitation := letter("1", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:2", "DTSTAMP:20260301T085900Z")
			cancel := letter("2", sunday, "-//cal//cal//EN", "CANCEL", "SEQUENCE:2", "DTSTAMP:20260301T090000Z")
			if out, _ := x.pass(cancel, false, "ben@partner.example"); !strings.Contains(out, "SEQUENCE:2\r\n") {
				t.Errorf("raised without an invitation:\n%s", out)
			}
			x.pass(invitation, false, "Ben@Partner.example")
			cancel = strings.Replace(cancel, "<2@x>", "<3@x>", 1)
			cancel = strings.Replace(cancel, "T090000Z\r\nEND", "T090100Z\r\nEND", 1)
			if out, r := x.pass(cancel, false, "ben@partner.example"); !strings.Contains(out, "SEQUENCE:3\r\n") {
				t.Errorf("not raised: %+v\n%s", r.Findings(), out)
			}
			if out, _ := x.pass(cancel, false, "ben@partner.example"); !strings.Contains(out, "SEQUENCE:3\r\n") {
				t.Errorf("another number for the same message:\n%s", out)
			}
			if out, _ := x.pass(cancel, false, "joe@else.example"); !strings.Contains(out, "SEQUENCE:2\r\n") {
				t.Errorf("raised for somebody who has nothing:\n%s", out)
			}
			again := letter("4", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:2", "DTSTAMP:20260301T090200Z")
			if out, r := x.pass(again, false, "ben@partner.example"); !strings.Contains(out, "SEQUENCE:3\r\n") {
				t.Errorf("the next revision counts lower: %+v\n%s", r.Findings(), out)
			}
			if out, _ := x.pass(invitation, false, "ben@partner.example"); !strings.Contains(out, "SEQUENCE:2\r\n") {
				t.Errorf("a late copy was raised:\n%s", out)
			}
			if c := x.l.Counts(); c.Recalls == 0 || c.RecallsFailed > 0 {
				t.Errorf("%+v", c)
			}
		})
	}
}

// Only what was delivered to one of the recipients counts, however many there
// are; of more than fifty, what was delivered to anybody.
func TestRecallRecipients(t *testing.T) {
	for _, addresses := range []string{"plain", "hashed"} {
		x := newExchange(t, config.Ledger{Addresses: config.AddressStyle(addresses), Texts: true})
		x.pass(letter("1", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:2", "DTSTAMP:20260301T085900Z"), false, "ben@partner.example")
		for _, n := range []int{0, 1, 2, 3, 4, 5, 8, 9, 49, 50, 51} {
			others := make([]string, n)
			for i := range others {
				others[i] = fmt.Sprintf("p%d@else.example", i)
			}
			if p, _ := x.l.Recall(false, others).Meeting("u1"); len(p.Revisions) != n/51 || len(p.Invitation) == 0 {
				t.Errorf("%s: %d others have %d revisions", addresses, n, len(p.Revisions))
			}
			for i := range others {
				if i > 0 && i < n-1 {
					continue
				}
				to := slices.Clone(others)
				to[i] = "Ben@partner.example"
				if p, ok := x.l.Recall(false, to).Meeting("u1"); !ok || len(p.Revisions) != 1 {
					t.Errorf("%s: recipient %d of %d has %d revisions", addresses, i+1, n, len(p.Revisions))
				}
			}
		}
		if p, ok := x.l.Recall(true, []string{"ben@partner.example"}).Meeting("u1"); len(p.Revisions) > 0 {
			t.Errorf("the other direction: %+v %v", p, ok)
		}
		if _, ok := x.l.Recall(false, []string{"ben@partner.example"}).Meeting("u2"); ok {
			t.Error("another meeting is known")
		}
		if c := x.l.Counts(); c.RecallsFailed > 0 {
			t.Errorf("%+v", c)
		}
	}
}

// An answer with a UID of Domino's own finds its meeting.
func TestRecallInvited(t *testing.T) {
	x := newExchange(t, config.Ledger{Texts: true})
	x.pass(letter("1", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:0", "DTSTAMP:20260301T085900Z"), false, "ben@partner.example")
	answer := letter("2", sunday, "-//Lotus Development Corporation//NONSGML Notes 8.5//EN_C", "REPLY", "SEQUENCE:0", "DTSTAMP:20260301T090000Z")
	answer = strings.NewReplacer("UID:u1", "UID:D0MIN0", "NEEDS-ACTION", "ACCEPTED", "SUMMARY:x", "SUMMARY:Accepted: x").Replace(answer)
	if out, r := x.pass(answer, true, "anna@example.com"); !strings.Contains(out, "UID:u1\r\n") {
		t.Errorf("%+v\n%s", r.Findings(), out)
	}
	if out, _ := x.pass(strings.Replace(answer, "DTSTART:20260309", "DTSTART:20260310", 1), true, "anna@example.com"); strings.Contains(out, "UID:u1\r\n") {
		t.Errorf("another day:\n%s", out)
	}
}

// Without a file that can be read there is no answer, and none is waited for.
func TestRecallInTrouble(t *testing.T) {
	x := newExchange(t, config.Ledger{})
	x.pass(letter("1", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:0", "DTSTAMP:20260301T085900Z"), false, "ben@partner.example")
	x.l.Close()
	if _, ok := x.l.Recall(false, []string{"ben@partner.example"}).Meeting("u1"); ok {
		t.Error("a closed ledger remembers")
	}
}

// When the file is deleted, what was in it is forgotten, and the new one is read.
func TestRecallOfNewFile(t *testing.T) {
	x := newExchange(t, config.Ledger{Texts: true})
	ben := []string{"ben@partner.example"}
	first := letter("1", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:2", "DTSTAMP:20260301T085900Z")
	x.pass(first, false, ben...)
	if _, ok := x.l.Recall(false, ben).Meeting("u1"); !ok {
		t.Fatal("nothing is remembered")
	}
	wait(t, "it is not stored", func() bool { return x.l.Counts().Written == 1 })
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(x.dir, ledger.FileName+end)); err != nil && !os.IsNotExist(err) {
			t.Skip(err) // Windows keeps a file that is open
		}
	}
	second := strings.Replace(letter("2", sunday, "-//cal//cal//EN", "REQUEST", "SEQUENCE:2", "DTSTAMP:20260301T085900Z"), "UID:u1", "UID:u2", 1)
	x.pass(second, false, ben...)
	wait(t, "there is no new file", func() bool {
		_, err := os.Stat(filepath.Join(x.dir, ledger.FileName))
		return err == nil
	})
	wait(t, "the new file is not read", func() bool {
		_, ok := x.l.Recall(false, ben).Meeting("u2")
		x.seconds.Add(10) // after an error the file is left alone for a while
		return ok
	})
	wait(t, "a deleted file is still read", func() bool {
		_, ok := x.l.Recall(false, ben).Meeting("u1")
		return !ok
	})
}

// Any order and any repetition of the mails of a conversation leads to the same
// answers, and a later revision never counts lower than an earlier one.
func TestRecallInAnyOrder(t *testing.T) {
	type part struct{ method, seq, stamp string }
	parts := []part{{"REQUEST", "0", "20260301T080000Z"}, {"REQUEST", "1", "20260301T081000Z"}, {"CANCEL", "1", "20260301T082000Z"},
		{"REQUEST", "1", "20260301T083000Z"}, {"CANCEL", "1", "20260301T084000Z"}}
	ben := "ben@partner.example"
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		x := newExchange(t, config.Ledger{Texts: true})
		order := append(rng.Perm(len(parts)), rng.IntN(len(parts)), rng.IntN(len(parts)))
		if round == 0 {
			order = []int{0, 1, 2, 3, 4, 4, 3}
		}
		sent := map[int][]string{}
		for _, i := range order {
			p := parts[i]
			out, _ := x.pass(letter(fmt.Sprint("p", i), sunday, "-//cal//cal//EN", p.method, "SEQUENCE:"+p.seq, "DTSTAMP:"+p.stamp), false, ben)
			_, seq, _ := strings.Cut(out, "SEQUENCE:")
			seq, _, _ = strings.Cut(seq, "\r\n")
			_, stamp, _ := strings.Cut(out, "DTSTAMP:")
			stamp, _, _ = strings.Cut(stamp, "\r\n")
			sent[i] = append(sent[i], fmt.Sprintf("%04s %s", seq, stamp))
		}
		for i := range parts {
			if len(slices.Compact(slices.Clone(sent[i]))) != 1 {
				t.Errorf("%v: part %d was sent as %v", order, i, sent[i])
			}
			for k := range i {
				if sent[k][0] >= sent[i][0] {
					t.Errorf("%v: part %d was sent as %v, part %d before it as %v", order, i, sent[i], k, sent[k])
				}
			}
		}
		r, err := ledger.OpenReader(t.Context(), x.dir, config.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		list, err := r.Find(t.Context(), "u1")
		r.Close()
		if err != nil || len(list) != 1 {
			t.Fatal(err, len(list))
		}
		if s := list[0].Summarize(x.now().Add(time.Hour), rule); s.State != "cancelled" || s.Told != 1 || s.Missing != 0 || len(list[0].Holders("")) > 0 {
			t.Errorf("%v: %+v", order, s)
		}
		x.l.Close()
	}
}
