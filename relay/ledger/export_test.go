package ledger

import "time"

// Hurry makes the timed work of a ledger come at once.
func (o *Options) Hurry() { o.missingInterval, o.pruneEvery = 5*time.Millisecond, 5*time.Millisecond }

// Patient lets no look-up be late on a busy machine.
func (o *Options) Patient() { o.recallWait = time.Minute }

// SchemaTexts are the migrations, in their order.
func SchemaTexts() ([]string, error) {
	list, err := schemas()
	var texts []string
	for _, s := range list {
		texts = append(texts, s.text)
	}
	return texts, err
}

// Learned is what a record tells of systems behind domains.
func Learned(r *Record) []Evidence { return r.learned() }

// FieldEvidence is what header fields tell.
func FieldEvidence(fields ...string) (Evidence, bool) { return fieldEvidence(fields) }

// BounceEvidence is what the words of a notification tell.
func BounceEvidence(address, words string) (Evidence, bool) {
	return bounceEvidence(address, words, time.Time{})
}

// ReturnsContent reports whether a notification is about the content.
func ReturnsContent(words string) bool { return returnsContent(words) }

// EncodeEntry and DecodeEntry are an entry of the journal, there and back.
func EncodeEntry(r *Record) []byte { return appendEntry(nil, r) }

// DecodeEntry returns nil for what is no entry.
func DecodeEntry(text []byte) *Record { return decodeEntry(text) }

// Patience is what those who wait for the journal have; look is what its timer calls.
func Patience(limit time.Duration) (enter func() <-chan struct{}, leave, look func()) {
	p := newPatience(limit)
	return p.enter, p.leave, p.look
}
