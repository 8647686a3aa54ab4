package relay

import (
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"
)

// Verdict is what a server said to a command, as data: the next hop's own
// words, or ours when Remote is empty.
type Verdict struct {
	Code     int      // 250, 451, 550, …
	Enhanced [3]int   // RFC 3463; zero when none was given
	Text     []string // one element per reply line, without code and enhanced code
	Remote   string   // who said it: "mail.example.com [192.0.2.1]:25"; "" for ourselves
	Cause    error    // the internal reason, for the log only
}

// OK says whether the command succeeded.
func (v Verdict) OK() bool { return v.Code >= 200 && v.Code < 300 }

// Temporary says whether the client should try again.
func (v Verdict) Temporary() bool { return v.Code >= 400 && v.Code < 500 }

// Error implements error: code, enhanced code and words on one line.
func (v Verdict) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%03d ", v.Code)
	if v.Enhanced != [3]int{} {
		fmt.Fprintf(&b, "%d.%d.%d ", v.Enhanced[0], v.Enhanced[1], v.Enhanced[2])
	}
	b.WriteString(strings.Join(v.Text, " / "))
	return b.String()
}

// SMTP returns the verdict in go-smtp's form, for an answer to the client.
func (v Verdict) SMTP() *smtp.SMTPError {
	e := &smtp.SMTPError{Code: v.Code, EnhancedCode: smtp.NoEnhancedCode, Message: strings.Join(v.Text, "\n")}
	if v.Enhanced != [3]int{} {
		e.EnhancedCode = smtp.EnhancedCode(v.Enhanced)
	}
	return e
}

// refuse makes a verdict of our own.
func refuse(code int, enhanced [3]int, format string, args ...any) Verdict {
	return Verdict{Code: code, Enhanced: enhanced, Text: []string{fmt.Sprintf(format, args...)}}
}

// because adds the internal reason.
func (v Verdict) because(err error) Verdict { v.Cause = err; return v }

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

// reply is what the server said after the code, on one line.
func (v Verdict) reply() string {
	text := strings.Join(v.Text, " / ")
	if v.Enhanced == [3]int{} {
		return text
	}
	return fmt.Sprintf("%d.%d.%d %s", v.Enhanced[0], v.Enhanced[1], v.Enhanced[2], text)
}
