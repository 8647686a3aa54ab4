package relay

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/relay/nexthop"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// meetingMail is one that the profile repairs: all forms differ.
func meetingMail(t testing.TB) string { return goldenMail(t, "01-exchange2003-update") }

func goldenMail(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("../testdata/meetings/" + name + "/in.eml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// picky is a next hop that answers the first bodies in these words and takes
// what follows.
type picky struct {
	replies []string
	seen    atomic.Int32
	rcpt    func(transaction int) string // answers RCPT of the n-th transaction, from 0
}

func (p *picky) on(_ *smtptest.Session, line string) string {
	switch {
	case line == ".":
		if n := int(p.seen.Add(1)) - 1; n < len(p.replies) {
			return p.replies[n]
		}
	case strings.HasPrefix(line, "RCPT") && p.rcpt != nil:
		return p.rcpt(int(p.seen.Load()))
	}
	return ""
}

// fallingBack is a relay with on_refuse = "fallback", before a picky next hop.
func fallingBack(t *testing.T, pick *picky, set func(*smtptest.Peer), options ...func(*Options)) (*rig, *smtptest.Peer) {
	t.Helper()
	configure := func(c *config.Config) { c.Rewrite.OnRefuse, c.Rewrite.Header = "fallback", true }
	return throughRelayWith(t, configure, func(p *smtptest.Peer) {
		p.On = pick.on
		if set != nil {
			set(p)
		}
	}, options...)
}

// bring sends a mail and returns the verdict.
func (c *talker) bring(mail string) string {
	c.t.Helper()
	c.say("MAIL FROM:<a@sender.example> SIZE=5000", "250")
	c.say("RCPT TO:<b@rcpt.example> NOTIFY=FAILURE ORCPT=rfc822;b@rcpt.example", "250")
	c.say("RCPT TO:<c@rcpt.example>", "250")
	c.say("DATA", "354")
	c.send(mail + ".\r\n")
	lines, err := c.reply()
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

var logForm = regexp.MustCompile(`msg=(fallback|message) .*? form=(\S+)(?: next=(\S+))?`)

// story is what the log says of forms: "refused>next", and the last word.
func (r *rig) story() string {
	var out []string
	for line := range strings.SplitSeq(r.log.String(), "\n") {
		if m := logForm.FindStringSubmatch(line); m != nil {
			step := m[2]
			if m[1] == "fallback" {
				step += ">" + m[3]
			}
			out = append(out, step)
		}
	}
	return strings.Join(out, " ")
}

const content = "554 5.6.0 Invalid message content"

func TestFallback(t *testing.T) {
	transports := []struct {
		name string
		set  func(*smtptest.Peer)
	}{
		{"pipelining", nil},
		{"plain", func(p *smtptest.Peer) { p.Keywords = []string{"8BITMIME", "SIZE 100000"} }},
		{"chunking", func(p *smtptest.Peer) { p.Keywords = append(p.Keywords, "CHUNKING") }},
		{"starttls", func(p *smtptest.Peer) { p.TLSConfig = smtptest.NewCA(t).Config("127.0.0.1") }},
	}
	steps := []string{
		"profile",
		"profile>as-received as-received",
		"profile>as-received as-received>utc utc",
		"profile>as-received as-received>utc utc>minimal minimal",
		"profile>as-received as-received>utc utc>minimal minimal>notice notice",
	}
	for _, tr := range transports {
		for refused, story := range steps {
			t.Run(fmt.Sprintf("%s/%d", tr.name, refused), func(t *testing.T) {
				pick := &picky{replies: slices.Repeat([]string{content}, refused)}
				r, p := fallingBack(t, pick, tr.set)
				if got := r.hello("plain").bring(meetingMail(t)); !strings.HasPrefix(got, "250 2.6.0 <id@hop.test>") {
					t.Errorf("the client got %q", got)
				}
				if got := r.story(); got != story {
					t.Errorf("the log tells %q, want %q", got, story)
				}
				took := p.Took()
				if len(took) != 1 {
					t.Fatalf("%d messages were taken", len(took))
				}
				checkForm(t, took[0], story[strings.LastIndexByte(story, ' ')+1:])
			})
		}
	}
}

// checkForm asks whether a message is the form that the log says it is.
func checkForm(t *testing.T, m smtptest.Message, form string) {
	t.Helper()
	body := withoutReceived(m.Body)
	if form == "as-received" && body != meetingMail(t) {
		t.Error("what arrived as received is not what was sent")
	}
	for word, in := range map[string]string{
		"TZID":                 "as-received profile",
		"DTSTART:20260319T21":  "utc minimal",
		"PRIORITY:":            "as-received profile utc",
		"SEQUENCE:0":           "as-received",
		"refused the calendar": "notice",
		"X-Reconvene:":         "profile utc minimal notice",
	} {
		if strings.Contains(body, word) != slices.Contains(strings.Fields(in), form) {
			t.Errorf("form %s: %q in it is %v:\n%s", form, word, strings.Contains(body, word), body)
		}
	}
	if len(m.To) != 2 || !strings.HasPrefix(m.To[0], "TO:<b@rcpt.example>") || !strings.HasPrefix(m.To[1], "TO:<c@rcpt.example>") {
		t.Errorf("it went to %q", m.To)
	}
}

// Each of the replies that mean the content, and none of the others.
func TestWhatFallsBack(t *testing.T) {
	for reply, another := range map[string]bool{
		"554 5.6.0 no":                                               true,
		"550 5.6.0 Invalid message content":                          true,
		"550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal":                true,
		"554 5.6.1 media not supported":                              true,
		"554 5.6.3 conversion required but not supported":            true,
		"554 5.6.2 M2MCVT.StorageError":                              true,
		"554-5.6.0 STOREDRV.Deliver;\r\n554 5.6.0 Corrupt":           true,
		"554 Invalid message content":                                true,
		"554 STOREDRV.Deliver; Corrupt message content":              true,
		"550 Content conversion error":                               true,
		"554 Transaction failed":                                     false,
		"554 Format restriction violation":                           false,
		"550 5.7.1 Invalid message content: spam":                    false,
		"554 5.7.1 rejected":                                         false,
		"550 5.7.26 DMARC":                                           false,
		"552 5.3.4 too large":                                        false,
		"550 5.1.1 nobody here; invalid message content":             false,
		"550 5.6.7 SMTPUTF8 needed":                                  false,
		"451 4.6.0 later":                                            false,
		"451 4.7.1 greylisted":                                       false,
		"421 4.3.2 Invalid message content, closing":                 false,
		"554 5.0.0 content conversion (a class of its own is meant)": false,
		"500 command unrecognized":                                   false,
		"554 5.6.10 an address":                                      false,
		smtptest.Cut:                                                 false,
	} {
		t.Run(strings.TrimPrefix(reply, "\x00"), func(t *testing.T) {
			t.Parallel()
			pick := &picky{replies: []string{reply}}
			r, p := fallingBack(t, pick, nil)
			got := r.hello("plain").bring(meetingMail(t))
			if another != strings.HasPrefix(got, "250 ") {
				t.Errorf("another form was sent: %v; the client got %q", !another, got)
			}
			if n := int(pick.seen.Load()); (n == 2) != another {
				t.Errorf("%d bodies were sent", n)
			}
			if n := len(p.Took()); (n == 1) != another {
				t.Errorf("%d messages were taken", n)
			}
		})
	}
}

// A meeting in a winmail.dat falls back to the last form, too.
func TestFallbackOfTNEF(t *testing.T) {
	pick := &picky{replies: slices.Repeat([]string{content}, 4)}
	r, p := fallingBack(t, pick, nil)
	if got := r.hello("plain").bring(goldenMail(t, "91-tnef-cancel-series")); !strings.HasPrefix(got, "250 2.6.0 <id@hop.test>") {
		t.Errorf("the client got %q", got)
	}
	const story = "profile>as-received as-received>utc utc>minimal minimal>notice notice"
	if got := r.story(); got != story {
		t.Errorf("the log tells %q, want %q", got, story)
	}
	if took := p.Took(); len(took) != 1 || !strings.Contains(took[0].Body, "filename=meeting.ics") || strings.Contains(took[0].Body, "ms-tnef") {
		t.Errorf("%d messages were taken, not one notice", len(took))
	}
}

// Mail without a meeting, signed mail and everything that may not be changed
// gets the verdict as it is.
func TestWhatNeverFallsBack(t *testing.T) {
	mail := func(name string) string { return goldenMail(t, name) }
	for name, c := range map[string]struct {
		mail string
		cfg  func(*config.Rewrite)
	}{
		"no meeting": {message, nil},
		"signed":     {mail("07-smime-signed"), nil},
		"encrypted":  {mail("52-smime-encrypted"), nil},
		"dkim":       {mail("31-dkim-signed"), nil},
		"truncated":  {mail("36-truncated-calendar"), nil},
		"observe":    {meetingMail(t), func(r *config.Rewrite) { r.Mode = "observe" }},
		"off":        {meetingMail(t), func(r *config.Rewrite) { r.Mode = "off" }},
		"return":     {meetingMail(t), func(r *config.Rewrite) { r.OnRefuse = "return" }},
		"skip_from":  {meetingMail(t), func(r *config.Rewrite) { r.SkipFrom = []string{"contoso.example"} }},
	} {
		t.Run(name, func(t *testing.T) {
			pick := &picky{replies: []string{content}}
			r, p := fallingBack(t, pick, nil)
			if c.cfg != nil {
				c.cfg(&r.srv.setup.Load().cfg.Rewrite)
			}
			if got := r.hello("plain").bring(c.mail); got != content {
				t.Errorf("the client got %q", got)
			}
			if n := pick.seen.Load(); n != 1 || len(p.Took()) != 0 {
				t.Errorf("%d bodies were sent, %d taken", n, len(p.Took()))
			}
		})
	}
}

// A recipient whom the next hop does not take a second time was told 250: the
// try is given up, and nobody gets anything.
func TestFallbackLosesNoRecipient(t *testing.T) {
	for _, reply := range []string{"550 5.1.1 not any more", "452 4.5.3 later", "421 4.3.2 going down"} {
		t.Run(reply[:3], func(t *testing.T) {
			pick := &picky{replies: []string{content}}
			rcpts := 0
			pick.rcpt = func(transaction int) string {
				if transaction == 1 {
					if rcpts++; rcpts == 2 {
						return reply
					}
				}
				return ""
			}
			r, p := fallingBack(t, pick, nil)
			if got := r.hello("plain").bring(meetingMail(t)); got != content {
				t.Errorf("the client got %q", got)
			}
			if n := len(p.Took()); n != 0 {
				t.Errorf("%d messages were taken", n)
			}
			if log := r.log.String(); !strings.Contains(log, "does not accept the envelope again") || !strings.Contains(log, reply[4:]) {
				t.Errorf("the log does not say so: %s", log)
			}
		})
	}
}

// The last word: what the client is told when a further try ends otherwise.
func TestFallbackVerdict(t *testing.T) {
	const first, second = "554 5.6.0 the repaired one", "554 5.6.1 the original"
	for name, c := range map[string]struct {
		replies []string
		want    string
		story   string
	}{
		"all refused":            {[]string{first, second, content, content, content, content}, second, "as-received"},
		"policy on the original": {[]string{first, "550 5.7.1 spam"}, "550 5.7.1 spam", "as-received"},
		"policy later":           {[]string{first, second, "550 5.7.1 spam"}, second, "as-received"},
		"later":                  {[]string{first, second, "451 4.3.0 later"}, "451 4.3.0 later", "utc"},
		"lost":                   {[]string{first, smtptest.Cut}, "451", "as-received"},
	} {
		t.Run(name, func(t *testing.T) {
			pick := &picky{replies: c.replies}
			r, p := fallingBack(t, pick, nil)
			if got := r.hello("plain").bring(meetingMail(t)); !strings.HasPrefix(got, c.want) {
				t.Errorf("the client got %q, want %q", got, c.want)
			}
			if n := len(p.Took()); n != 0 {
				t.Errorf("%d messages were taken", n)
			}
			if s := r.story(); !strings.HasSuffix(s, " "+c.story) {
				t.Errorf("the log tells %q", s)
			}
		})
	}
}

// The client's patience bounds the fallbacks.
func TestFallbackIsBounded(t *testing.T) {
	var late atomic.Bool
	now := func() time.Time {
		if late.Load() {
			return time.Now().Add(3 * time.Minute)
		}
		return time.Now()
	}
	r := newRig(t, func(c *config.Config) { c.Rewrite.OnRefuse = "fallback" }, func(o *Options) { o.Now = now })
	r.hop.final = func(string) envelope.Verdict {
		late.Store(true)
		return envelope.Verdict{Code: 554, Enhanced: [3]int{5, 6, 0}, Text: []string{"no"}, Remote: "next", Whole: true}
	}
	if got := r.hello("plain").bring(meetingMail(t)); got != "554 5.6.0 no" {
		t.Errorf("the client got %q", got)
	}
	if n := len(r.hop.bodies()); n != 1 {
		t.Errorf("%d bodies were sent", n)
	}
	if !strings.Contains(r.log.String(), "out of time") {
		t.Errorf("the log does not say so: %s", r.log)
	}
}

// What worked is tried first after the next refusal, and only then.
func TestFallbackMemory(t *testing.T) {
	pick := &picky{replies: []string{content, content, "", content, ""}}
	r, _ := fallingBack(t, pick, nil)
	c := r.hello("plain")
	for range 2 {
		if got := c.bring(meetingMail(t)); !strings.HasPrefix(got, "250") {
			t.Fatalf("the client got %q", got)
		}
	}
	if got := r.story(); got != "profile>as-received as-received>utc utc profile>utc utc" {
		t.Errorf("the log tells %q", got)
	}
}

// A next hop without 8BITMIME cannot get the original, which has 8-bit octets:
// that form is passed over, and the next one is tried.
func TestFallbackPassesOver(t *testing.T) {
	pick := &picky{replies: []string{content}}
	r, p := fallingBack(t, pick, func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", "SIZE 100000"} })
	if got := r.hello("plain").bring(meetingMail(t)); !strings.HasPrefix(got, "250") {
		t.Errorf("the client got %q", got)
	}
	took := p.Took()
	if len(took) != 1 {
		t.Fatalf("%d messages were taken; %s", len(took), r.log)
	}
	checkForm(t, took[0], "utc")
	if log := r.log.String(); !strings.Contains(log, "as-received: the message has 8-bit octets") {
		t.Errorf("the log does not say so: %s", log)
	}
}

func TestFallbackMetrics(t *testing.T) {
	m := NewMetrics("test", nil)
	pick := &picky{replies: []string{content, content, content}}
	r, _ := fallingBack(t, pick, nil, func(o *Options) { o.Metrics = m })
	c := r.hello("plain")
	c.bring(meetingMail(t))
	pick.seen.Store(0)
	pick.rcpt = func(n int) string {
		if n == 1 {
			return "550 5.1.1 not again"
		}
		return ""
	}
	c.bring(meetingMail(t))
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text := w.Body.String()
	for _, want := range []string{
		`reconvene_fallbacks_total{form="as-received",result="refused"} 1`,
		`reconvene_fallbacks_total{form="utc",result="refused"} 1`,
		`reconvene_fallbacks_total{form="minimal",result="delivered"} 1`,
		`reconvene_fallbacks_total{form="minimal",result="given-up"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// A next hop whose SIZE the repaired form exceeds, and the original does not, gets
// the original.
func TestRepairedFormTooLarge(t *testing.T) {
	var sizes []int64
	r := newRig(t, nil)
	next := &sizedHop{fakeHop: r.hop, most: int64(len(meeting)) + 200, seen: &sizes}
	setup := *r.srv.setup.Load()
	setup.begin = func(*nexthop.Session, *nexthop.Route) hop { return next }
	r.srv.setup.Store(&setup)
	long := strings.Replace(meeting, "SEQUENCE:0", strings.Join(manyAttendees(100), "")+"SEQUENCE:0", 1)
	next.most = int64(len(long)) + 300
	c := r.hello("plain")
	c.envelope()
	c.say("DATA", "354")
	c.send(long + ".\r\n")
	c.expect("250")
	wantBodies(t, r, long)
	if len(sizes) != 2 || !strings.Contains(r.log.String(), "outcome=left-alone") || !strings.Contains(r.log.String(), "larger than the next hop takes") {
		t.Errorf("tried %v\n%s", sizes, r.log)
	}
}

// sizedHop refuses what is larger than it takes, as our side of a hop does.
type sizedHop struct {
	*fakeHop
	most int64
	seen *[]int64
}

func (h *sizedHop) Deliver(ctx context.Context, msg envelope.Body) envelope.Verdict {
	*h.seen = append(*h.seen, msg.Size())
	if msg.Size() > h.most {
		return envelope.Refuse(552, [3]int{5, 3, 4}, "message is larger than the next hop takes")
	}
	return h.fakeHop.Deliver(ctx, msg)
}

// manyAttendees are content lines, each of which a repair makes longer.
func manyAttendees(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("ATTENDEE:MAILTO:b%d@rcpt.example\r\n", i)
	}
	return lines
}
