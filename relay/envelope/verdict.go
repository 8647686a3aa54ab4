package envelope

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Verdict is the reply of a server to a command: that of the next hop, or our own
// when Remote is empty. Code 0 means that there is no reply. It implements error.
type Verdict struct {
	Code     int      // 250, 451, 550, …
	Enhanced [3]int   // RFC 3463; zero when none was given
	Text     []string // one element per reply line, without code and enhanced code
	Remote   string   // the server: "mail.example.com [192.0.2.1]:25"; "" for our own verdict
	Cause    error    // the internal reason, for the log only
	Whole    bool     // the reply to the end of the message, so that it is about all of it
	Queue    string   // what the queue made of it: one of the constants below; "" where there is no queue
}

// What the queue does with a message or a recipient; see Verdict.Class.
const (
	Queued  = "queued"  // stored, and not sent yet
	Bounced = "bounced" // refused permanently: the sender is told
	Expired = "expired" // not accepted in time: the sender is told
	Removed = "removed" // by an administrator
)

// OK reports whether the code is 2xx.
func (v Verdict) OK() bool { return v.Code >= 200 && v.Code < 300 }

// Temporary reports whether the code is 4xx: the client should try again.
func (v Verdict) Temporary() bool { return v.Code >= 400 && v.Code < 500 }

// Error returns code, enhanced code and text on one line.
func (v Verdict) Error() string {
	return fmt.Sprintf("%03d %s", v.Code, v.Reply())
}

// Refuse returns a verdict of our own.
func Refuse(code int, enhanced [3]int, format string, args ...any) Verdict {
	return Verdict{Code: code, Enhanced: enhanced, Text: []string{fmt.Sprintf(format, args...)}}
}

// Because returns the verdict with the internal reason, which is logged and not
// sent.
func (v Verdict) Because(err error) Verdict { v.Cause = err; return v }

// contentWords are texts that servers send with a plain 550 or 554 when they could
// not parse a message. "Format restriction violation" is not among them: it is the
// policy of a filter, which another payload would only evade.
var contentWords = []string{
	"invalid message content", "corrupt message content", "content conversion",
	"barelinefeedsareillegal", "m2mcvt", "storageerror",
}

// RefusesContent reports whether the next hop has refused the format of the message,
// and not its sender or its subject: a permanent reply to the end of the message
// with an enhanced code X.6 (RFC 3463 §3.7), or without an enhanced code and with a
// text that is known for this. X.6.7 to X.6.10 (RFC 6531) are about addresses. X.7,
// X.1 and all other classes never count, whatever their text.
func (v Verdict) RefusesContent() bool {
	if !v.Whole || v.Code/100 != 5 || v.Remote == "" {
		return false
	}
	switch e := v.Enhanced; {
	case e[1] == 6:
		return e[0] == 5 && (e[2] < 7 || e[2] > 10)
	case e != [3]int{}:
		return false
	}
	words := strings.ToLower(strings.Join(v.Text, " "))
	return (v.Code == 550 || v.Code == 554) && slices.ContainsFunc(contentWords, func(s string) bool {
		return strings.Contains(words, s)
	})
}

// Class returns the verdict in one word: "delivered", "deferred", "refused", or
// "aborted" when there is none because the client disconnected; or what the queue did.
func (v Verdict) Class() string {
	switch {
	case v.Queue != "":
		return v.Queue
	case v.Code == 0:
		return "aborted"
	case v.OK():
		return "delivered"
	case v.Temporary():
		return "deferred"
	default:
		return "refused"
	}
}

// Reply returns the text of the reply on one line, without the codes.
func (v Verdict) Reply() string {
	text := strings.Join(v.Text, " / ")
	if v.Enhanced == [3]int{} {
		return text
	}
	var room [128]byte
	return string(append(append(AppendEnhanced(room[:0], v.Enhanced), ' '), text...))
}

// AppendEnhanced appends an enhanced status code (RFC 3463 §2), as in "5.1.1", to b.
func AppendEnhanced(b []byte, e [3]int) []byte {
	for i, n := range e {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return b
}
