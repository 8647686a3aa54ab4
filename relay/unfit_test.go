package relay

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// seriesMail is an invitation that Exchange has no pattern for.
const seriesMail = "From: Boss <boss@sender.example>\r\nTo: B <b@rcpt.example>\r\nSubject: Series\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nPRODID:-//Example//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n" +
	"BEGIN:VEVENT\r\nUID:series-1\r\nDTSTAMP:20260101T090000Z\r\nDTSTART:20260202T090000Z\r\nDTEND:20260202T100000Z\r\n" +
	"RRULE:FREQ=WEEKLY;INTERVAL=100;BYDAY=MO\r\nSEQUENCE:0\r\nSUMMARY:Planning\r\nORGANIZER:mailto:boss@sender.example\r\n" +
	"ATTENDEE;RSVP=TRUE:mailto:b@rcpt.example\r\nATTENDEE;RSVP=TRUE:mailto:c@rcpt.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// An invitation to a series that the receiver cannot store goes back with words
// for the organizer, where that is asked for; and nothing else does.
func TestSentBack(t *testing.T) {
	const exchange = "EX01.rcpt.example Microsoft ESMTP MAIL Service ready at Wed, 25 Nov 2026 09:00:00 +0000"
	refuse := []string{"rrule-mapi-limits"}
	for name, c := range map[string]struct {
		refuse   []string
		greeting string
		mode     string
		mail     string
		back     bool
	}{
		"asked for":              {refuse, exchange, "fix", seriesMail, true},
		"not asked for":          {nil, exchange, "fix", seriesMail, false},
		"another is asked for":   {[]string{"monthday-zero"}, exchange, "fix", seriesMail, false},
		"the receiver can":       {refuse, exchange, "fix", strings.Replace(seriesMail, "INTERVAL=100", "INTERVAL=2", 1), false},
		"nobody knows who it is": {refuse, "mx.rcpt.example ESMTP", "fix", seriesMail, false},
		"observe":                {refuse, exchange, "observe", seriesMail, false},
		"update":                 {refuse, exchange, "fix", strings.Replace(seriesMail, "SEQUENCE:0", "SEQUENCE:1", 1), false},
		"update by subject":      {refuse, exchange, "fix", strings.Replace(seriesMail, "Subject: Series", "Subject: Updated: Series", 1), false},
		"update by an answer":    {refuse, exchange, "fix", strings.Replace(seriesMail, "ATTENDEE;RSVP=TRUE:mailto:c", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:c", 1), false},
		"cancellation":           {refuse, exchange, "fix", strings.NewReplacer("method=REQUEST", "method=CANCEL", "METHOD:REQUEST", "METHOD:CANCEL").Replace(seriesMail), false},
		"signed":                 {refuse, exchange, "fix", "DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=x; h=from; bh=x; b=x\r\n" + seriesMail, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := throughRelayWith(t, func(cfg *config.Config) {
				cfg.Rewrite.Refuse, cfg.Rewrite.Mode, cfg.Rewrite.OnRefuse = c.refuse, config.RewriteMode(c.mode), "fallback"
			}, func(p *smtptest.Peer) { p.Greeting = "220 " + c.greeting })
			talk := r.hello("plain")
			got := talk.bring(c.mail)
			const words = "5.6.0 the invitation was not sent: the receiving system cannot store this series (rrule-mapi-limits)"
			if back := strings.HasPrefix(got, "554"); back != c.back || back && (!strings.Contains(got, words) || !strings.HasSuffix(got, "the organizer has to choose another pattern")) {
				t.Fatalf("the client got %q", got)
			}
			if n := len(p.Took()); (n == 0) != c.back {
				t.Errorf("the next hop took %d messages", n)
			}
			if log := r.log.String(); c.back && (!strings.Contains(log, "outcome=refused") || strings.Contains(log, "applied=") || !strings.Contains(log, "verdict=refused") || strings.Contains(log, "msg=fallback")) {
				t.Errorf("the log says %s", log)
			}
			if got := talk.bring(message); !strings.HasPrefix(got, "250") {
				t.Errorf("the next message: %q", got)
			}
		})
	}
}
