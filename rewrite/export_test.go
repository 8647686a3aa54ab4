package rewrite

// InPlace is Message for a mail whose parts stay where they are.
func InPlace(message Source, o Options) (Result, error) {
	p := newPipeline(message, o, allRemedies())
	p.streamed = true
	return p.run(nil)
}
