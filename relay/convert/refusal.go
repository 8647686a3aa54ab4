package convert

import "fmt"

// Refusal is why a message cannot be converted, for the sender.
type Refusal struct {
	Enhanced [3]int // RFC 3463 §3.7
	Text     string
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// prohibited is a refusal because of a signature or an encryption.
func prohibited(format string, args ...any) error {
	return &Refusal{[3]int{5, 6, 2}, fmt.Sprintf(format, args...)}
}

// unsupported is a refusal because of the form of the message.
func unsupported(format string, args ...any) error {
	return &Refusal{[3]int{5, 6, 3}, fmt.Sprintf(format, args...)}
}

// notASCII is a refusal because of a header field that has no form in ASCII.
func notASCII(format string, args ...any) error {
	return &Refusal{[3]int{5, 6, 7}, fmt.Sprintf(format, args...)}
}
