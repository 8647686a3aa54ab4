//go:build unix

package main

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

var updateStory = flag.Bool("update-story", false, "write what the commands print into docs/story.md")

// storyPage tells what happens in TestMeetingsStory; the blocks of it are what the
// commands print.
const storyPage = "../../docs/story.md"

// weekly is a mail of Exchange 2003 about a weekly meeting, or about one date of it.
func weekly(method string, revision int, clock, date string, attendees ...string) string {
	text := invite(method, revision, clock, attendees...)
	if date == "" {
		return strings.Replace(text, "SUMMARY:Budget", "RRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY:Budget", 1)
	}
	text = strings.Replace(text, "DTSTART:20270302", "RECURRENCE-ID:"+date+"T"+clock+"00Z\r\nDTSTART:"+date, 1)
	return strings.Replace(text, "DTEND:20270302", "DTEND:"+date, 1)
}

// story plays the parts, and keeps what the commands print.
type story struct {
	*house
	steps []int64 // when each began
	out   []string
}

// next begins a step, in a second of its own: so the time of everything that the
// commands print tells in which step it happened.
func (s *story) next() {
	for began := time.Now().Unix(); time.Now().Unix() == began; {
		time.Sleep(10 * time.Millisecond)
	}
	s.steps = append(s.steps, time.Now().Unix())
}

// clock is when something happened, on the clock of the page.
func (s *story) clock(t time.Time) time.Time {
	step := 0
	for i, began := range s.steps {
		if t.Unix() >= began {
			step = i + 1
		}
	}
	return time.Date(2027, 2, 22, 9, step, 0, 0, time.UTC)
}

var (
	runTime = regexp.MustCompile(`20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z| UTC)`)
	hopPort = regexp.MustCompile(`sink\.example\.net \[127\.0\.0\.1\]:\d+`)
	mailID  = regexp.MustCompile(`=_[0-9a-f]{24}|cancel\.[0-9a-f]{24}`)
	someone = regexp.MustCompile(`(?m)^(  \S+ \S+  )\S+(  cancel: )`)
	mailed  = regexp.MustCompile(`(?m)^Date: .*$`)
)

// plain takes out of what is printed what is another in each run: the time, told
// in steps of a minute, ports, and who ran the command.
func (s *story) plain(text string) string {
	text = runTime.ReplaceAllStringFunc(text, func(at string) string {
		layout := "2006-01-02 15:04:05Z07:00"
		if strings.HasSuffix(at, "UTC") {
			layout = "2006-01-02 15:04 UTC"
		}
		t, err := time.Parse(layout, at)
		if err != nil || time.Since(t).Abs() > 24*time.Hour {
			return at // of the meeting
		}
		if layout == "2006-01-02 15:04 UTC" {
			return "2027-02-22 09:02 UTC" // of the answer, to the minute
		}
		return s.clock(t).Format(layout)
	})
	text = hopPort.ReplaceAllString(text, "mx.example.net [192.0.2.1]:25")
	text = someone.ReplaceAllString(text, "${1}operator@smarthost${2}")
	text = mailed.ReplaceAllString(text, "Date: "+s.clock(time.Now()).Format(time.RFC1123Z))
	return mailID.ReplaceAllStringFunc(text, func(id string) string { return id[:len(id)-24] + "5d0a3b7c91e24f6688aa0c13" })
}

// print runs a command 20 minutes later, when the grace is over.
func (s *story) print(line string, more ...string) (string, int) {
	s.t.Helper()
	at := time.Now()
	if strings.Contains(line, "not-notified") {
		at = at.Add(20 * time.Minute)
	}
	out, code := s.runAt(at, append(strings.Fields(line), more...)...)
	out = s.plain(out)
	s.out = append(s.out, "$ reconvene "+line+"\n"+out)
	return out, code
}

// check prints who has what, and holds the list against who does not know.
func (s *story) check(missing ...string) {
	s.t.Helper()
	s.print("meetings show 040000008200E0")
	out, _ := s.print("meetings not-notified")
	if n := strings.Count(out, "NOT NOTIFIED"); n != len(missing) {
		s.t.Errorf("step %d: %d are listed, want %v:\n%s", len(s.steps), n, missing, out)
	}
	for _, who := range missing {
		if !strings.Contains(out, who) {
			s.t.Errorf("step %d: %s is not listed:\n%s", len(s.steps), who, out)
		}
	}
}

// The report that all of this began with: some attendees stand before the
// room, and nobody can say who was not told.
func TestMeetingsStory(t *testing.T) {
	t.Parallel() // it waits for others
	s := &story{house: newHouse(t, "allow_cancel = true\n", "partner.example", "notes.example", "customer.example")}
	ben, eve, joe := "ben@partner.example", "eve@notes.example", "joe@customer.example"
	all := []string{ben, eve, joe}
	for _, hop := range s.hops {
		go func() {
			for range hop.got {
			}
		}()
	}

	s.next() // the invitation
	s.house.out(weekly("REQUEST", 0, "1000", "", all...), all...)
	s.check()

	s.next() // the answer of an Exchange 2007
	answer := strings.Replace(weekly("REPLY", 0, "1000", ""), "SEQUENCE:0", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:"+ben+"\r\nSEQUENCE:0", 1)
	post(t, s.p.addr("internet"), ben, "anna@example.com", strings.Replace(answer, "Microsoft CDO for Microsoft Exchange\r\n", "Microsoft Exchange Server 2007\r\n", 1))
	if m := s.exch.mail(t); !strings.Contains(m, "X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE:") {
		t.Errorf("the answer came without what Exchange 2003 needs:\n%s", m)
	}

	s.next() // the update
	s.refuse("notes.example", 550, "calendar content is not accepted here")
	s.refuse("customer.example", 451, "try again later")
	s.house.out(weekly("REQUEST", 1, "1100", "", all...), all...)
	s.check(eve, joe)

	s.next() // Exchange tries again; eve's administrator has seen to hers
	s.house.out(weekly("REQUEST", 1, "1100", "", all...), joe, eve)
	s.print("meetings not-notified")

	s.next() // one date is called off
	s.house.out(weekly("CANCEL", 1, "1100", "20270309", all...), all...)

	s.next() // all is called off, and Exchange forgets one
	s.house.out(weekly("CANCEL", 2, "1100", "", all...), ben, joe)
	s.check(eve)

	s.next() // the last resort
	if out, code := s.print("meetings cancel 040000008200E0"); code != 0 || !strings.Contains(out, "Not sent. It would go to "+eve) {
		t.Errorf("%d %s", code, out)
	}
	if out, code := s.print("meetings cancel 040000008200E0 --send", "--server", s.p.addr("exchange")); code != 0 {
		t.Errorf("%d %s", code, out)
	}
	s.check()
	comparePage(t, s.out)
}

// comparePage holds the blocks of the page against what was printed.
func comparePage(t *testing.T, printed []string) {
	t.Helper()
	b, err := os.ReadFile(storyPage)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(b), "```\n")
	n := 0
	for i := 1; i < len(parts); i += 2 {
		if n == len(printed) {
			t.Fatalf("the page has more blocks than the %d that the story prints", n)
		}
		if *updateStory {
			parts[i] = printed[n]
		} else if parts[i] != printed[n] {
			t.Errorf("block %d of docs/story.md is\n%s\nbut the story prints\n%s", n+1, parts[i], printed[n])
		}
		n++
	}
	if n != len(printed) {
		t.Errorf("the page has %d blocks, the story prints %d; go test ./cmd/reconvene -run MeetingsStory -update-story fills them in", n, len(printed))
	}
	if *updateStory && !t.Failed() {
		if err := os.WriteFile(storyPage, []byte(strings.Join(parts, "```\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
