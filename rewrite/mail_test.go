package rewrite

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

const calendarHead = "Content-Type: Text/Calendar; METHOD=request; charset=\"utf-8\"; component=vevent; name=a.ics\r\n" +
	"Content-Disposition: inline; filename=b.ics\r\nContent-ID: <c@d>\r\nContent-Transfer-Encoding: 7BIT\r\n"

// TestObject looks at what a remedy knows of the mail and of the part.
func TestObject(t *testing.T) {
	mail := "From: =?iso-8859-1?Q?J=FCrgen?= <j@example.com>\r\nSender: s@example.com\r\n" +
		"To: broken <, b@example.net,\r\n \"C, D\" <c@example.net>\r\nCc: d@example.net (comment)\r\n" +
		"Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n again\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\n" +
		"Message-ID: <m@example.com>\r\nX-MimeOLE: Produced By Microsoft Exchange V6.5\r\nX-Mailer: second\r\n" +
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n" + calendarHead + "\r\n" + simple + "--b--\r\n"
	var got *remedy.Object
	spy := &remedy.Remedy{ID: "spy", Never: true, Run: func(c *remedy.Object) { got = c }}
	o := Options{Profile: remedy.Domino, Now: time.Unix(1, 0), Recipients: []string{"r@example.net"}}
	if _, err := rewriteWith(strings.NewReader(mail), o, newTable([]*remedy.Remedy{spy})); err != nil || got == nil {
		t.Fatal(got, err)
	}
	m := got.Mail
	text := fmt.Sprintf("%v %v %v %v %v %s %s %s %v", m.From, m.Sender, m.To, m.Cc, m.Date.UTC(), m.Subject, m.MessageID, m.Mailer, m.Recipients)
	const want = "[=?utf-8?q?J=C3=BCrgen?= <j@example.com>] <s@example.com> [<b@example.net> \"C, D\" <c@example.net>] [\"comment\" <d@example.net>] 2026-03-02 09:00:00 +0000 UTC " +
		"Grüße again <m@example.com> Produced By Microsoft Exchange V6.5 [r@example.net]"
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	part := remedy.PartHeader{MediaType: "Text/Calendar", Method: "request", Charset: "utf-8", Component: "vevent", Name: "b.ics",
		Disposition: "inline", ContentID: "c@d", Encoding: "7bit", Alternative: true, Only: true, Quoted: true}
	if got.Part != part {
		t.Errorf("part %+v", got.Part)
	}
	if got.Profile != remedy.Domino || !got.Now.Equal(time.Unix(1, 0)) {
		t.Errorf("profile %s, now %v", got.Profile, got.Now)
	}
}

// TestTraceFieldFolds gives a mail more remedies than fit into one line.
func TestTraceFieldFolds(t *testing.T) {
	var table []*remedy.Remedy
	for i := range 20 {
		table = append(table, &remedy.Remedy{
			ID:       fmt.Sprintf("remedy-number-%d", i),
			Profiles: []remedy.Profile{remedy.Standard},
			Run:      once(fmt.Sprintf("X-%d", i)),
		})
	}
	res, err := rewriteWith(strings.NewReader("Content-Type: text/calendar\r\n\r\n"+simple), Options{Header: true}, newTable(table))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := res.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	field, _, _ := strings.Cut(b.String(), "Content-Type")
	for _, line := range strings.Split(field, "\r\n") {
		if len(line) > 78 {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
	}
	unfolded := strings.ReplaceAll(field, "\r\n ", " ")
	if n := strings.Count(unfolded, ", "); n != 19 || strings.Count(unfolded, "\r\n") != 1 || !strings.HasPrefix(unfolded, "X-Reconvene: remedy-number-0, remedy-number-1,") {
		t.Errorf("got %q", field)
	}
}

// once is a remedy that sets a parameter of SUMMARY when it is not there.
func once(name string) func(c *remedy.Object) {
	return func(c *remedy.Object) {
		l := c.Events()[0].First("SUMMARY")
		if _, done := l.Param(name); !done && c.Found(remedy.Finding{}) {
			l.SetParam(name, "1")
		}
	}
}
