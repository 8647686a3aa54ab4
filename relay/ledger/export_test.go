package ledger

import "time"

// Hurry makes the timed work of a ledger come at once.
func (o *Options) Hurry() { o.watchEvery, o.pruneEvery = 5*time.Millisecond, 5*time.Millisecond }

// SchemaTexts are the migrations, in their order.
func SchemaTexts() ([]string, error) {
	list, err := schemas()
	var texts []string
	for _, s := range list {
		texts = append(texts, s.text)
	}
	return texts, err
}
