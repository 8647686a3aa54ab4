package dsn

import "strings"

// Action is what happened to a message for a recipient.
type Action string

// The actions are those of RFC 3464 §2.3.3, without "expanded": a relay has no lists.
// Expired is reported as failed, with its own words.
const (
	Failed    Action = "failed"
	Expired   Action = "expired" // it was tried until the time was over
	Delayed   Action = "delayed"
	Delivered Action = "delivered"
	Relayed   Action = "relayed" // delivered to a server that does not offer DSN
)

// rank orders what a sender has to know.
var rank = map[Action]int{Delivered: 1, Relayed: 2, Delayed: 3, Failed: 4}

// reported returns the action of RFC 3464.
func (a Action) reported() Action {
	switch a {
	case Delayed, Delivered, Relayed:
		return a
	}
	return Failed // also for a value that does not exist: never keep silent about it
}

// keywords are the values of NOTIFY that ask for an action (RFC 3461 §4.1).
var keywords = map[Action]string{Failed: "FAILURE", Delayed: "DELAY", Delivered: "SUCCESS", Relayed: "SUCCESS"}

// Wanted reports whether the sender asked to be told of an action with that NOTIFY
// (RFC 3461 §4.1). Without NOTIFY these are failures and delays: the RFC leaves the
// delays to the server, and a meeting may begin before they are over.
//
// It does not know the reverse-path; Due does.
func Wanted(notify string, a Action) bool {
	if notify == "" {
		notify = "FAILURE,DELAY"
	}
	wanted := false
	for word := range strings.SplitSeq(notify, ",") {
		word = strings.TrimSpace(word)
		if strings.EqualFold(word, "NEVER") {
			return false
		}
		wanted = wanted || strings.EqualFold(word, keywords[a.reported()])
	}
	return wanted
}

// Due returns those recipients about whom the sender is told: none when the message
// has the null reverse-path, else those of whom it is wanted.
func Due(from string, rcpts []Recipient) []Recipient {
	if from == "" {
		return nil
	}
	var due []Recipient
	for _, r := range rcpts {
		if Wanted(r.Notify, r.Action) {
			due = append(due, r)
		}
	}
	return due
}
