package rewrite

import (
	"sync"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// table is the remedies in the order in which they run, and which of them concern
// which receiver.
type table struct {
	remedies []*remedy.Remedy
	all      stages
	courses  map[receiver]*course
}

// stages are remedies in their order, by stage.
type stages [remedy.Structure + 1][]*remedy.Remedy

func byStage(remedies []*remedy.Remedy) (s stages) {
	for _, r := range remedies {
		s[r.Stage] = append(s[r.Stage], r)
	}
	return s
}

type receiver struct {
	profile   remedy.Profile
	direction remedy.Direction
}

// course is the part of a table for one receiver. The log does not report what would
// harm only another system.
type course struct {
	looking  stages           // all that run
	changing []*remedy.Remedy // those that may change something
	usual    stages           // the same without those that are opt-in
}

// allRemedies is the table of package remedy, made once: a Remedy has no state.
var allRemedies = sync.OnceValue(func() *table { return newTable(remedy.All()) })

func newTable(remedies []*remedy.Remedy) *table {
	t := &table{remedies: remedies, all: byStage(remedies), courses: map[receiver]*course{}}
	for _, p := range remedy.Profiles() {
		for _, d := range [...]remedy.Direction{remedy.Outbound, remedy.Inbound} {
			r := receiver{p, d}
			t.courses[r] = t.newCourse(r)
		}
	}
	return t
}

// courseFor returns the course of a receiver; that of the profiles is made once.
func (t *table) courseFor(p remedy.Profile, d remedy.Direction) *course {
	to := receiver{p, d}
	if c, known := t.courses[to]; known {
		return c
	}
	return t.newCourse(to)
}

func (t *table) newCourse(to receiver) *course {
	var c course
	var looking, usual []*remedy.Remedy
	for _, r := range t.remedies {
		treats := r.AppliesTo(to.profile, to.direction)
		if treats || r.Never && r.Goes(to.direction) {
			looking = append(looking, r)
		}
		if !treats || r.Never {
			continue
		}
		c.changing = append(c.changing, r)
		if !r.OptIn {
			usual = append(usual, r)
		}
	}
	c.looking, c.usual = byStage(looking), byStage(usual)
	return &c
}

// remedy returns the one with that ID, or nil.
func (t *table) remedy(id string) *remedy.Remedy {
	for _, r := range t.remedies {
		if r.ID == id {
			return r
		}
	}
	return nil
}
