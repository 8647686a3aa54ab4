package remedy

// facetNames are the names of the facets, in the order of their bits.
func facetNames() [21]string {
	return [21]string{
		"method", "uid", "sequence", "recurrence-id", "stamp", "occurrences", "all-day", "summary",
		"location", "description", "organizer", "attendees", "status", "alarms", "attachments", "components",
		"letters", "one-zone", "zone-name", "first-exdate", "everybody",
	}
}

// facetAll is every facet that people see: for a remedy that brings a component to light.
const facetAll = FacetComponents<<1 - 1

// Names returns the names of the facets in the set, as in lists and reports.
func (f Facet) Names() []string {
	out := []string{}
	for i, name := range facetNames() {
		if f&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}
