package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/ledger"
)

var (
	nine = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	rule = ledger.Rule{Grace: 15 * time.Minute, OwnDomains: []string{"example.com"}}
)

// mail is one message of a conversation: minutes after nine, method, SEQUENCE,
// DTSTAMP in minutes, who is named, and what became of it for whom.
type mail struct {
	at         int
	method     string
	seq, stamp int
	occurrence string
	start      int // hours after nine
	named      string
	fates      string // "bob=250 eve=550"
}

func (m mail) record(i int) *ledger.Record {
	r := &ledger.Record{ID: fmt.Sprintf("t-%d", i), Time: nine.Add(time.Duration(m.at) * time.Minute), MessageID: fmt.Sprintf("<%d@example.com>", i), Sender: "anna@example.com"}
	c := ledger.Component{Name: "VEVENT", UID: "u@example.com", Occurrence: m.occurrence, Method: m.method, MethodSent: m.method, Seq: m.seq, SeqSent: m.seq,
		Stamp: nine.Add(time.Duration(m.stamp) * time.Minute).Format("20060102T150405Z"), Start: nine.Add(time.Duration(m.start) * time.Hour), Summary: "Budget",
		Organizer: "anna@example.com", Digest: fmt.Sprint(m.start)}
	c.StampSent = c.Stamp
	for _, a := range strings.Fields(m.named) {
		c.Attendees = append(c.Attendees, ledger.Attendee{Address: address(a), PartStat: "NEEDS-ACTION"})
	}
	r.Components = []ledger.Component{c}
	for _, f := range strings.Fields(m.fates) {
		who, code, _ := strings.Cut(f, "=")
		d := ledger.Delivery{Attendee: address(who), Verdict: "delivered", Reply: "words for " + who}
		fmt.Sscan(code, &d.Code)
		switch {
		case code == "bounced":
			d.Code, d.Bounced, d.Bounce = 250, r.Time.Add(time.Minute), "5.1.1 no such user"
		case code == "gone":
			d.Verdict = "aborted"
		case d.Code >= 500:
			d.Verdict = "refused"
		case d.Code >= 400:
			d.Verdict = "deferred"
		}
		r.Deliveries = append(r.Deliveries, d)
	}
	return r
}

func address(name string) string {
	if strings.Contains(name, "@") {
		return name
	}
	return name + "@" + name + ".example"
}

var conversations = []struct {
	name  string
	mails []mail
	now   int // minutes after nine
	want  []string
}{
	{"the first invitation is refused: nobody has an earlier revision",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=550"}}, 60, nil},
	{"the update is refused",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "REQUEST", 1, 5, "", 2, "bob eve", "bob=250 eve=550"}},
		6, []string{"eve REQUEST 1 refused"}},
	{"a later copy arrives",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "REQUEST", 1, 5, "", 2, "bob eve", "bob=250 eve=550"}, {9, "REQUEST", 1, 5, "", 2, "bob eve", "eve=250"}},
		60, nil},
	{"the cancellation is put off: within the grace",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 1, 5, "", 1, "bob eve", "bob=250 eve=451"}}, 19, nil},
	{"the cancellation is put off: behind the grace",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 1, 5, "", 1, "bob eve", "bob=250 eve=451"}}, 21, []string{"eve CANCEL 1 deferred"}},
	{"the cancellation is never sent to one",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 1, 5, "", 1, "bob eve", "bob=250"}}, 21, []string{"eve CANCEL 1 never-sent"}},
	{"the cancellation bounces",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 1, 5, "", 1, "bob eve", "bob=250 eve=bounced"}}, 6, []string{"eve CANCEL 1 bounced"}},
	{"one of our own domain is not counted",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob carl@example.com", "bob=250 carl@example.com=250"}, {5, "CANCEL", 1, 5, "", 1, "bob carl@example.com", "bob=250"}}, 60, nil},
	{"the client gives the cancellation up",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}, {5, "CANCEL", 1, 5, "", 1, "bob", "bob=gone"}}, 60, []string{"bob CANCEL 1 deferred"}},
	{"somebody is added: the others need no copy",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}, {5, "REQUEST", 0, 5, "", 1, "bob eve", "eve=250"}}, 60, nil},
	{"somebody is removed and told",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve dan", "bob=250 eve=250 dan=250"}, {5, "CANCEL", 1, 5, "", 1, "eve", "eve=250"}, {6, "REQUEST", 1, 6, "", 1, "bob dan", "bob=250 dan=250"}}, 60, nil},
	{"somebody is removed and told, the others hear nothing",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve dan", "bob=250 eve=250 dan=250"}, {5, "CANCEL", 1, 5, "", 1, "eve", "eve=250"}}, 60, nil},
	{"somebody is removed and not told",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve dan", "bob=250 eve=250 dan=250"}, {6, "REQUEST", 1, 6, "", 1, "bob dan", "bob=250 dan=250"}}, 60, []string{"eve CANCEL 1 removed"}},
	{"somebody is removed, the cancellation is refused",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve dan", "bob=250 eve=250 dan=250"}, {5, "CANCEL", 1, 5, "", 1, "eve", "eve=550"}, {6, "REQUEST", 1, 6, "", 1, "bob dan", "bob=250 dan=250"}}, 60, []string{"eve CANCEL 1 refused"}},
	{"a member of a group is never named",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "all", "bob=250 eve=250"}, {6, "REQUEST", 1, 6, "", 2, "all", "bob=250"}}, 60, []string{"eve REQUEST 1 never-sent"}},
	{"a late copy of an older revision",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}, {5, "REQUEST", 1, 5, "", 2, "bob", "bob=250"}, {9, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}}, 60, nil},
	{"an occurrence is cancelled, one is not told",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 0, 5, "20260308T100000Z", 1, "bob eve", "bob=250"}}, 60, []string{"eve CANCEL 0 never-sent 20260308T100000Z"}},
	{"a later revision of the series covers the occurrence",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob eve", "bob=250 eve=250"}, {5, "CANCEL", 0, 5, "20260308T100000Z", 1, "bob eve", "bob=250"}, {9, "CANCEL", 1, 9, "", 1, "bob eve", "bob=250 eve=250"}}, 60, nil},
	{"an update that counts lower and is stamped later",
		[]mail{{0, "REQUEST", 2, 0, "", 1, "bob", "bob=250"}, {5, "REQUEST", 1, 5, "", 2, "bob", "bob=550"}}, 60, []string{"bob REQUEST 1 refused"}},
	{"a copied DTSTAMP",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}, {5, "REQUEST", 1, 0, "", 2, "bob", "bob=550"}}, 60, []string{"bob REQUEST 1 refused"}},
	{"moved and moved back without counting",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}, {5, "REQUEST", 0, 5, "", 2, "bob", "bob=250"}, {9, "REQUEST", 0, 9, "", 1, "bob", "bob=550"}}, 60, []string{"bob REQUEST 0 refused"}},
	{"SEQUENCE stays 0",
		[]mail{{0, "REQUEST", 0, 0, "", 1, "bob", "bob=250"}, {5, "CANCEL", 0, 5, "", 1, "bob", "bob=550"}}, 60, []string{"bob CANCEL 0 refused"}},
}

func summary(list []ledger.Missing) []string {
	var out []string
	for _, m := range list {
		name, _, _ := strings.Cut(m.Attendee, "@")
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %d %s %s", name, m.Method, m.Seq, m.Why, m.Occurrence)))
		if m.Advice == "" {
			out = append(out, "no advice")
		}
	}
	return out
}

// Who was not notified is the same in whatever order the records come, and
// however often.
func TestNotNotified(t *testing.T) {
	for _, tt := range conversations {
		t.Run(tt.name, func(t *testing.T) {
			for turn := range 4 {
				dir := t.TempDir()
				l := open(t, dir, nil)
				records := []*ledger.Record{}
				for i, m := range tt.mails {
					records = append(records, m.record(i))
				}
				if turn > 0 {
					rnd := rand.New(rand.NewPCG(1, uint64(turn)))
					records = append(records, records[rnd.IntN(len(records))])
					rnd.Shuffle(len(records), func(i, k int) { records[i], records[k] = records[k], records[i] })
				}
				for _, r := range records {
					l.Add(r)
				}
				l.Close()
				list := notNotified(t, dir, nine.Add(time.Duration(tt.now)*time.Minute))
				if d := cmp.Diff(tt.want, summary(list)); d != "" {
					t.Errorf("turn %d: -want +got:\n%s", turn, d)
				}
			}
		})
	}
}

func open(t *testing.T, dir string, change func(*ledger.Options)) *ledger.Ledger {
	t.Helper()
	o := ledger.Options{Directory: dir, Config: config.Ledger{Texts: true, Addresses: "plain"}, Wait: 20 * time.Second}
	if change != nil {
		change(&o)
	}
	o.Patient()
	l, err := ledger.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func notNotified(t *testing.T, dir string, now time.Time) []ledger.Missing {
	t.Helper()
	r, err := ledger.OpenReader(context.Background(), dir, config.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.NotNotified(context.Background(), time.Time{}, now, rule)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What cannot be written waits, and is written when the file can be written
// again; it is said once, and once more when it is over.
func TestTrouble(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"garbage", strings.Repeat("no database at all\n", 100), "not a database"},
		{"a folder in its place", "", "is a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			file := dir + "/" + ledger.FileName
			if tt.content == "" {
				if err := os.Mkdir(file, 0o700); err != nil {
					t.Fatal(err)
				}
			} else if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			l := open(t, dir, func(o *ledger.Options) { o.Wait = 20 * time.Millisecond })
			l.Add(conversations[0].mails[0].record(1))
			l.Add(conversations[0].mails[0].record(2))
			wait(t, "no trouble", func() bool { return l.Trouble() != nil })
			if err := l.Trouble(); !strings.Contains(err.Error(), "2 records wait") {
				t.Errorf("trouble: %v", err)
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			wait(t, "it stays in trouble", func() bool { return l.Trouble() == nil })
			if c := l.Counts(); c.Written != 2 || c.Waiting != 0 || c.Trouble {
				t.Errorf("%+v", c)
			}
		})
	}
}

// A file of a later release is left as it is.
func TestNewerSchema(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nil)
	l.Add(conversations[0].mails[0].record(1))
	l.Close()
	exec(t, dir, "PRAGMA user_version = 99")
	again := open(t, dir, nil)
	again.Add(conversations[0].mails[0].record(2))
	if err := again.Trouble(); err == nil || !strings.Contains(err.Error(), "newer release") {
		t.Errorf("writer: %v", err)
	}
	if _, err := ledger.OpenReader(context.Background(), dir, config.Ledger{}); err == nil || !strings.Contains(err.Error(), "newer release") {
		t.Errorf("reader: %v", err)
	}
}

// What does not fit into memory is lost and counted; nobody waits for it.
func TestWaitingLimit(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/"+ledger.FileName, slices.Repeat([]byte("garbage\n"), 200), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir, func(o *ledger.Options) { o.Wait, o.Waiting = 10*time.Millisecond, 3 })
	wait(t, "no trouble", func() bool { return l.Trouble() != nil })
	for i := range 5 {
		l.Add(conversations[0].mails[0].record(i))
	}
	if c := l.Counts(); c.Lost != 2 || c.Waiting != 3 {
		t.Errorf("%+v", c)
	}
}
