package dsn

import "github.com/reconvene/reconvene/rewrite/notice"

// words are the sentences of one language. Each stands for itself: nothing is put
// together from parts that would have to agree in gender or number.
type words struct {
	subject      map[Action]string // by the worst action; "%s" is the subject of the message
	untitled     string            // in place of a subject
	automatic    string            // "%s" is our name
	subjectLabel string
	arrived      string // label of the time when the message was received

	happened map[Action]string // the recipients follow
	until    string            // "%s" is when the retries end
	replied  string            // "%s" is a server; its words follow
	reason   string            // our own words follow
	by       string            // "%s" is the server that accepted the message
	meaning  [unreachable + 1]string

	oneDate    string                     // the message is not about the series
	unknown    [notice.Counter + 1]string // what nobody knows after a failure, by the kind of the message
	act        [notice.Counter + 1]string // what to do after a failure
	unknownYet [notice.Counter + 1]string // what nobody knows during a delay
	wait       string                     // what to do during a delay
	near       string                     // the same, when the meeting may begin before it is over
	ifSoon     string                     // the same, when the start is not known

	full, header string // what is attached
}

// languages are those of the notices.
var languages = map[notice.Language]*words{
	notice.English: &english, notice.German: &german, notice.French: &french, notice.Spanish: &spanish, notice.Dutch: &dutch,
}

// byKind gives the three kinds of answers to an invitation the same sentence.
func byKind(other, invitation, update, cancellation, answer, counter string) [notice.Counter + 1]string {
	return [...]string{notice.Other: other, notice.Invitation: invitation, notice.Update: update, notice.Cancellation: cancellation,
		notice.Accepted: answer, notice.Tentative: answer, notice.Declined: answer, notice.Counter: counter}
}
