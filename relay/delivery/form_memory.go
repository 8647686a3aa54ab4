package delivery

import (
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

// formMemory stores for a while which form a place accepted after it had refused
// others. It only changes the order in which further forms of a refused message are
// tried. The first payload is always the repair for the profile: one bad calendar
// says nothing about the next one, which would lose its alarms or its rule. A notice
// is not stored: it is not a meeting.
type formMemory struct {
	mu   sync.Mutex
	took map[string]tookForm
}

type tookForm struct {
	form string
	at   time.Time
}

// How long and how many places are remembered.
const (
	formMemoryAge  = time.Hour
	formMemorySize = 1024
)

// FormMemory stores forms for longer than the engine does itself. Both methods
// return at once.
type FormMemory interface {
	// FirstForm returns the form in which the next revision of a meeting is sent
	// first to a domain, because a recipient there refused or returned an earlier
	// one for its content; "" is the form of the profile.
	FirstForm(uid, domain string) string
	// AcceptedForm returns the form that a domain accepted after it had refused
	// others; "" when none is stored.
	AcceptedForm(domain string) string
}

// FormAfter returns the form that is tried after form was refused; "" after the
// last.
func FormAfter(form string) string {
	ladder := []string{formProfile, formStandard, formReceived, string(rewrite.FallbackUTC), string(rewrite.FallbackMinimal), string(rewrite.FallbackNotice)}
	switch i := slices.Index(ladder, form); {
	case i <= 0: // the standard repairs are in the profile, which was refused
		return formReceived
	case i+1 < len(ladder):
		return ladder[i+1]
	}
	return ""
}

// order returns the forms in the order in which they are tried; longer is the form
// that FormMemory has for the place.
func (m *formMemory) order(place, longer string, now time.Time) []string {
	all := []string{formStandard, formReceived, string(rewrite.FallbackUTC), string(rewrite.FallbackMinimal), string(rewrite.FallbackNotice)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if took, ok := m.took[place]; ok && now.Sub(took.at) <= formMemoryAge {
		longer = took.form
	}
	if longer == string(rewrite.FallbackNotice) || !slices.Contains(all, longer) {
		return all
	}
	all = slices.DeleteFunc(all, func(r string) bool { return r == longer })
	return slices.Insert(all, 0, longer)
}

// learn records the form that a place accepted.
func (m *formMemory) learn(place, form string, now time.Time) {
	if place == "" || form == string(rewrite.FallbackNotice) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.took == nil || len(m.took) >= formMemorySize {
		m.took = map[string]tookForm{}
	}
	m.took[place] = tookForm{form, now}
}

// acceptedForm returns the form that FormMemory has for the domain of the
// recipients, or "".
func (d *Delivery) acceptedForm() string {
	if domain := d.domain(); d.engine.opt.Forms != nil && domain != "" {
		return d.engine.opt.Forms.AcceptedForm(domain)
	}
	return ""
}

// place returns the key under which forms are stored: the route and the domain that
// the recipients share; "" when they share none.
func (m *Message) place() string {
	domain := m.domain()
	if domain == "" {
		return ""
	}
	return m.Route.Name + " " + domain
}
