package dsn

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// The tests tell of one meeting: on a Monday in Berlin, moved by its organizer.
var (
	berlin  = time.FixedZone("CET", 3600)
	now     = time.Date(2026, time.March, 20, 12, 0, 0, 0, time.UTC)
	arrived = time.Date(2026, time.March, 20, 11, 45, 0, 0, berlin)
)

const cancellation = "Received: from exch01.example.com (exch01.example.com [10.1.2.3])\r\n\tby smarthost.example.com with ESMTP id 7f3a;\r\n\tFri, 20 Mar 2026 11:45:00 +0100\r\n" +
	"From: Anna <anna@example.com>\r\nTo: bob@partner.example\r\nSubject: Canceled: Budget\r\nMessage-ID: <c1@example.com>\r\nDate: Fri, 20 Mar 2026 11:45:00 +0100\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/calendar; method=CANCEL; charset=utf-8\r\n\r\n" +
	"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"

var noUser = envelope.Verdict{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: []string{"<bob@partner.example>: no such user here"},
	Remote: "mx1.partner.example [192.0.2.7]:25", Whole: true}

// sample is the report of a failure that the tests change.
func sample() *Report {
	r := &Report{ID: "b1", Hostname: "smarthost.example.com", At: now, Arrived: arrived, QueueID: "7f3a",
		Envelope: envelope.ReversePath{Path: "anna@example.com"}, MessageID: "<c1@example.com>", Subject: "Canceled: Budget",
		Recipients: []Recipient{{Recipient: envelope.Recipient{Path: "bob@partner.example"}, Action: Failed, Verdict: noUser, LastAttempt: now}}}
	r.returns(cancellation)
	return r
}

// budget is the meeting of the sample.
func budget(method string) *Meeting {
	start := time.Date(2026, time.March, 23, 14, 0, 0, 0, berlin)
	return &Meeting{Method: method, Summary: "Budget", Location: "Room 12", Organizer: "anna@example.com",
		Start: start, End: start.Add(time.Hour), Zone: "Europe/Berlin"}
}

func (r *Report) returns(original string) {
	r.Original, r.Size = bytes.NewReader([]byte(original)), int64(len(original))
}

func written(t testing.TB, r *Report) (string, Notification) {
	t.Helper()
	var b strings.Builder
	n, err := Write(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), n
}
