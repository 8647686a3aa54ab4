package rewrite

// InPlace is Message for a mail whose parts stay where they are.
func InPlace(message Source, o Options) (Result, error) {
	w := newWork(message, o, allRemedies())
	w.underWay = true
	return w.run()
}
