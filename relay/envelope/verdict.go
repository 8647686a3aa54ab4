package envelope

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Verdict is what a server said to a command, as data: the next hop's own
// words, or ours when Remote is empty.
type Verdict struct {
	Code     int      // 250, 451, 550, …
	Enhanced [3]int   // RFC 3463; zero when none was given
	Text     []string // one element per reply line, without code and enhanced code
	Remote   string   // who said it: "mail.example.com [192.0.2.1]:25"; "" for ourselves
	Cause    error    // the internal reason, for the log only
	Whole    bool     // it was said behind the end of the message: about all of it
}

// OK reports whether the command succeeded.
func (v Verdict) OK() bool { return v.Code >= 200 && v.Code < 300 }

// Temporary reports whether the client should try again.
func (v Verdict) Temporary() bool { return v.Code >= 400 && v.Code < 500 }

// Error implements error: code, enhanced code and words on one line.
func (v Verdict) Error() string {
	return fmt.Sprintf("%03d %s", v.Code, v.Reply())
}

// Refuse makes a verdict of our own.
func Refuse(code int, enhanced [3]int, format string, args ...any) Verdict {
	return Verdict{Code: code, Enhanced: enhanced, Text: []string{fmt.Sprintf(format, args...)}}
}

// Because adds the internal reason.
func (v Verdict) Because(err error) Verdict { v.Cause = err; return v }

// contentWords are what servers say behind a bare 550 or 554 when they could
// not make sense of a message. "Format restriction violation" is not among
// them: it is a filter's policy, which another payload would only evade.
var contentWords = []string{
	"invalid message content", "corrupt message content", "content conversion",
	"barelinefeedsareillegal", "m2mcvt", "storageerror",
}

// RefusesContent reports whether the next hop has refused what the message looks
// like, and not who sent it or what it is about: a permanent reply behind the
// end of the message of class X.6 (RFC 3463 §3.7), or without any class in the
// words that are known for it. X.6.7 to X.6.10 (RFC 6531) are about addresses.
// X.7, X.1 and all others never are, whatever their words.
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
// "aborted" when there was none because the client went away.
func (v Verdict) Class() string {
	switch {
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

// Reply is what the server said after the code, on one line.
func (v Verdict) Reply() string {
	text := strings.Join(v.Text, " / ")
	if v.Enhanced == [3]int{} {
		return text
	}
	var room [128]byte
	return string(append(append(AppendEnhanced(room[:0], v.Enhanced), ' '), text...))
}

// AppendEnhanced writes an enhanced status code (RFC 3463 §2).
func AppendEnhanced(b []byte, e [3]int) []byte {
	for i, n := range e {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return b
}
