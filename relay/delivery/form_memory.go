package delivery

import (
	"slices"
	"sync"
	"time"

	"github.com/reconvene/reconvene/rewrite"
)

// formMemory remembers for a while which form a place took after it had
// refused others. It changes only the order in which a refused message is
// tried again. The first payload is always the repair for the profile: one bad
// calendar says nothing about the next, which would lose its alarms or its
// rule for it. A notice is not remembered: it is no meeting.
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

// FormMemory is what is remembered of forms for longer than a formMemory does. Both
// methods cost nothing.
type FormMemory interface {
	// First is the form that the next revision of a meeting begins with at a domain,
	// because a recipient there refused or returned an earlier one for its content;
	// "" is that of the profile.
	FirstForm(uid, domain string) string
	// Took is the form that a domain took after it had refused others; "" when none
	// is remembered.
	AcceptedForm(domain string) string
}

// FormAfter is the form that comes behind one that was refused: "" behind the last.
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

// order returns the forms in the order in which they are to be tried; longer is what
// was taken at that place before that.
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

// learn notes what a place took.
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

// acceptedForm is the form that the domain of the recipients took after it had refused
// others, as far as that is remembered beyond a restart.
func (d *Delivery) acceptedForm() string {
	if domain := d.domain(); d.engine.opt.Forms != nil && domain != "" {
		return d.engine.opt.Forms.AcceptedForm(domain)
	}
	return ""
}

// place is where a message goes, as far as what worked there is remembered: the
// route and the domain that its recipients share. "" is nowhere.
func (m *Message) place() string {
	domain := m.domain()
	if domain == "" {
		return ""
	}
	return m.Route.Name + " " + domain
}
