package rewrite

import "github.com/reconvene/reconvene/rewrite/remedy"

// recall calls a memory once for each meeting, so that a calendar that is repaired
// again gets the same result.
type recall struct {
	remedy.Memory
	known map[string]recalled
}

type recalled struct {
	past remedy.Past
	ok   bool
}

// maxRecalled bounds the meetings of one message that are looked up.
const maxRecalled = 10

// Meeting implements [remedy.Memory].
func (r *recall) Meeting(uid string) (remedy.Past, bool) {
	if a, ok := r.known[uid]; ok {
		return a.past, a.ok
	}
	if len(r.known) == maxRecalled {
		return remedy.Past{}, false
	}
	if r.known == nil {
		r.known = map[string]recalled{}
	}
	p, ok := r.Memory.Meeting(uid)
	r.known[uid] = recalled{p, ok}
	return p, ok
}
