package dsn

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite/notice"
)

// FuzzWrite tries what other hosts choose: whatever they say, the notification is one
// message with the parts, groups and fields that it has to have.
func FuzzWrite(f *testing.F) {
	f.Add("anna@example.com", "bob@partner.example", "rfc822;bob@partner.example", "QQ314159", "no such user", "Budget", "<c1@example.com>", cancellation, uint16(0))
	f.Add("änne@exämple.example", "bø@x.example", `utf-8;b\x{F8}@x.example`, "", "weiß nicht", "für\r\nBcc: x", "<a@b>\r\nX: y", "Subject: ü\r\n\r\nü\r\n", uint16(0x1ff))
	f.Add(`"a  b"@example.com`, "a..b@x.example", "x;y", "+0D+0A", strings.Repeat("x", 3000), strings.Repeat("ü", 900), "<>", "a\rb\nc\x00", uint16(0x2a))
	f.Add("a@b", strings.Repeat(" ", 2000), ";", "+", "\x00\xff\u2028", "", "<"+strings.Repeat("m", 990)+">", strings.Repeat("y", 70000), uint16(0x155))
	f.Fuzz(func(t *testing.T, from, path, orcpt, envid, words, subject, id, original string, flags uint16) {
		flag := func(n int) bool { return flags>>n&1 == 1 }
		r := sample()
		r.Envelope = envelope.ReversePath{Path: from, EnvID: envid, UTF8: flag(0)}
		r.Subject, r.MessageID, r.EightBit = subject, id, flag(1)
		if flag(2) {
			r.Envelope.Ret = "HDRS"
		}
		rcpt := &r.Recipients[0]
		rcpt.Path, rcpt.ORcpt, rcpt.Verdict.Text, rcpt.Verdict.Remote = path, orcpt, []string{words, words}, words
		rcpt.Action = order[int(flags>>3&7)%len(order)]
		if flag(6) {
			rcpt.Verdict.Remote, r.QueueID = "", words
		}
		if flag(7) {
			r.Meeting = &Meeting{Method: words, Summary: subject, Location: path, Organizer: from, Zone: words, Start: now, End: now.Add(time.Hour), OneDate: flag(8)}
		}
		r.Language = notice.Language(flags >> 9 & 7)
		r.returns(original)
		checkFuzzed(t, r)
	})
}

func checkFuzzed(t *testing.T, r *Report) {
	t.Helper()
	var b strings.Builder
	n, err := Write(&b, r)
	if err != nil {
		if r.Envelope.Path != "" && len(r.Envelope.Path) <= maxPath && envelope.CheckMailbox(r.Envelope.Path) == nil {
			t.Fatalf("no notification: %v", err)
		}
		return
	}
	text := b.String()
	checkWire(t, text)
	if n.EightBit == envelope.IsASCII(text) {
		t.Error("EightBit is wrong")
	}
	if n.UTF8 && !utf8.ValidString(text[:strings.Index(text, "\r\n\r\n")]) {
		t.Error("a header that is not UTF-8")
	}
	checkHeader(t, text)
	checkRead(t, r, n, readStandard(t, text))
}

// checkHeader checks that the notification has the fields that it has to have, in order,
// and no other.
func checkHeader(t *testing.T, text string) {
	t.Helper()
	header, _, _ := strings.Cut(text, "\r\n\r\n")
	var names []string
	for l := range strings.SplitSeq(strings.ReplaceAll(header, "\r\n ", " "), "\r\n") {
		name, _, _ := strings.Cut(l, ":")
		names = append(names, name)
	}
	optional := []string{"In-Reply-To", "References", "Content-Transfer-Encoding"}
	names = slices.DeleteFunc(names, func(n string) bool { return slices.Contains(optional, n) })
	want := []string{"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
	if !slices.Equal(names, want) {
		t.Errorf("fields %v", names)
	}
}
