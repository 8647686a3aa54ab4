package remedy

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/itip"
	"github.com/reconvene/reconvene/rewrite/zone"
)

// Mail is the header and the text of the message around the calendar. All fields may
// be empty.
type Mail struct {
	From       []*mail.Address // RFC 5322 From
	Sender     *mail.Address   // RFC 5322 Sender
	To, Cc     []*mail.Address
	Date       time.Time // of the Date field; zero without one
	Subject    string    // decoded
	MessageID  string
	Recipients []string      // forward-paths of the envelope, when there is one
	Mailer     string        // X-MimeOLE, X-Mailer or User-Agent
	Text       func() string // of the text/plain beside the calendar, "" when there is none or it cannot be read; may be nil
	List       string        // List-Id (RFC 2919)
}

// PartHeader has the header fields of the calendar part that a remedy may use and
// change. Package rewrite writes only those that differ.
type PartHeader struct {
	MediaType   string // as written, e.g. "Text/Calendar"
	Method      string // the method parameter, "" without one
	Charset     string // the charset parameter, "" without one
	Component   string // the component parameter
	Name        string // the name parameter or the disposition's filename
	Disposition string // "attachment", "inline" or ""
	ContentID   string
	Encoding    string // the transfer encoding, lower case; "" means 7bit
	Alternative bool   // the part is directly in a multipart/alternative
	Bare        bool   // there is no part: a calendar file
	Only        bool   // the mail has no other calendar
	Referred    bool   // another part refers to it by its Content-ID
	LongLines   bool   // the encoded body has lines that are longer than its transfer encoding may have
	Quoted      bool   // charset is a quoted-string that could be a token
}

// Object is one iCalendar object (RFC 5545 §3.4) that is being repaired, with what
// is known of the message around it. It is used for one message and is not safe for
// concurrent use.
type Object struct {
	Octets    []byte          // the decoded body of the part (stage Octets)
	Doc       *ical.Document  // nil before stage Calendar
	Cal       *ical.Component // the first VCALENDAR of Doc, nil when there is none
	Mail      Mail
	Part      PartHeader
	Shape     *Shape // stage Structure only
	Profile   Profile
	Direction Direction
	Zones     *zone.Set // the zones of Cal; call ResetZones after changing a VTIMEZONE
	Now       time.Time // time of the repair, for what has no other date
	Memory    Memory    // of earlier messages; nil for none

	// Allow is called by Found: it reports whether a remedy may change anything
	// (mode, profile, the administrator's list).
	Allow func(*Remedy) bool
	// Tick is called in loops over the calendar. It panics when the time for the
	// message is over. May be nil.
	Tick func()
	// Keep requests a snapshot before the first change, for Kept.
	Keep bool

	kept     *Object
	findings []Finding
	found    int      // how many there were, listed or not
	applied  []string // IDs, each once
	current  *Remedy
	series   map[masterKey]*ical.Component // the results of master; see forget
	items    []*ical.Component             // the result of schedulable, likewise
	listed   bool                          // whether items are known
	kinds    uint64                        // the result of hasZone, likewise: a bit for each zone.Kind
	sorted   bool                          // whether kinds are known
	dates    remembered[dateLine]          // see times
	zoned    remembered[zoneLine]          // see inZones
	forms    remembered[itip.Malformed]    // see malformed
	reports  []reportedFault               // see reported
	flaws    remembered[zoneFlaw]          // see zoneFlaws
	facts    octetFacts                    // see there
	used     remembered[*usedZone]         // see usedZones
	people   peopleFacts                   // see plainPeople
	changed  bool                          // since then
	looked   bool                          // whether plain is known
	plain    bool                          // whether the octets look like a calendar
}

// masterKey names a series: the kind of component and its identity.
type masterKey struct{ name, identity string }

// Do runs one remedy. Remedies of stage Calendar do not change what those of stage
// Octets did not recognise as a calendar: otherwise, after a repair of its BEGIN
// lines, a second run would also repair the character set.
func (c *Object) Do(r *Remedy) {
	if r.Stage == Calendar && !c.looksCalendar() || r.Stage == Structure && c.Shape == nil {
		return
	}
	if c.changed {
		forget(c)
	}
	if c.Doc != nil && !r.worth(c.Doc) {
		return
	}
	c.current = r
	r.Run(c)
	c.current = nil
}

// forget drops what remedies found out about a calendar that has changed since.
func forget(c *Object) {
	c.changed, c.listed, c.sorted = false, false, false
	c.dates.known, c.zoned.known, c.forms.known, c.flaws.known, c.used.known, c.people.known = false, false, false, false, false, false
	c.series, c.items, c.kinds = nil, c.items[:0], 0
	if c.Doc != nil {
		c.Doc.Reindex()
	}
}

// steady reports whether what is found out now holds until forget is called: the
// running remedy has changed nothing. Outside of Do nobody calls it.
func steady(c *Object) bool { return c.current != nil && !c.changed }

func (c *Object) looksCalendar() bool {
	if !c.looked {
		c.looked, c.plain = true, looksCalendar(c.Octets)
	}
	return c.plain
}

// maxQuoted bounds Before and After of a finding, in octets.
const maxQuoted = 200

// maxFindings bounds the findings of one calendar; what is found beyond it is
// still repaired but no longer listed one by one.
const maxFindings = 1000

// tickEvery is how many findings are between two calls of Tick.
const tickEvery = 64

// usualFindings is how many findings room is made for at once.
const usualFindings = 8

// optInNote is the note of what an administrator did not ask for.
const optInNote = "opt-in: repaired only if [rewrite] enable lists it"

// Found records a finding of the running remedy and reports whether to apply it.
func (c *Object) Found(f Finding) bool {
	if c.found++; c.found%tickEvery == 0 && c.Tick != nil {
		c.Tick()
	}
	f.ID = c.current.ID
	f.Before, f.After = clip(f.Before), clip(f.After)
	f.Applied = !c.current.Never && f.Note == "" && c.Allow(c.current)
	if f.Applied && c.Keep && c.kept == nil {
		c.kept = c.Snapshot()
		c.kept.Zones = c.Zones // which ResetZones replaces and does not change
	}
	c.changed = c.changed || f.Applied
	if f.Applied {
		f.Untouchable = Touchable
	}
	if c.current.OptIn && !f.Applied && f.Note == "" {
		f.Note = optInNote
	}
	if c.findings == nil {
		c.findings = make([]Finding, 0, usualFindings)
	}
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, f)
		if c.current.Form != "" && !f.Applied {
			c.reports = append(c.reports, reportedFault{f.Component, f.Property, f.Before, c.current.Form})
		}
	}
	if n := len(c.applied); f.Applied && (n == 0 || c.applied[n-1] != f.ID) {
		c.applied = append(c.applied, f.ID)
	}
	return f.Applied
}

// repair records a finding and mends it where Found allows that; mend returns
// what has become of it, for After.
func (c *Object) repair(f Finding, mend func() string) {
	n := len(c.findings)
	if !c.Found(f) {
		return
	}
	if after := mend(); len(c.findings) > n {
		c.findings[n].After = clip(after)
	}
}

// Snapshot returns a copy of the calendar, which must not have been changed since it
// was parsed.
func (c *Object) Snapshot() *Object {
	before := &Object{Octets: c.Octets, Tick: c.Tick, Doc: c.Doc.Snapshot()}
	before.Cal = before.Doc.Calendar()
	return before
}

// Kept returns the calendar as it was before the first change, nil when there was
// none: a remedy asks Found before it changes anything.
func (c *Object) Kept() *Object { return c.kept }

// Applied returns the IDs of the remedies that were allowed to change something,
// each once, in the order in which they ran. It is complete even where the list of
// findings is not.
func (c *Object) Applied() []string { return c.applied }

// Findings returns what was found so far.
func (c *Object) Findings() []Finding { return c.findings }

// SetFindings replaces the list; the guard uses it to revert findings.
func (c *Object) SetFindings(f []Finding) { c.findings = f }

// ResetZones parses the VTIMEZONEs again.
func (c *Object) ResetZones() {
	if c.Cal != nil {
		c.Zones = c.Zones.Renew(c.Cal)
	}
}

// Method returns METHOD in upper case, "" without one.
func (c *Object) Method() string {
	if c.Cal == nil {
		return ""
	}
	return strings.ToUpper(strings.TrimSpace(c.Cal.Value("METHOD")))
}

// Events returns the VEVENTs of the calendar.
func (c *Object) Events() []*ical.Component {
	if c.Cal == nil {
		return nil
	}
	return c.Cal.Children("VEVENT")
}

// Items returns the schedulable components: VEVENT, VTODO, VJOURNAL and
// VFREEBUSY.
func (c *Object) Items() []*ical.Component {
	if c.Cal == nil {
		return nil
	}
	var out []*ical.Component
	for _, it := range c.Cal.Items {
		if it.Sub != nil {
			switch it.Sub.Name {
			case "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY":
				out = append(out, it.Sub)
			}
		}
	}
	return out
}

// master returns the component of the same kind and meeting as ev that has no
// RECURRENCE-ID: the series of which ev is an exception. It returns nil when there
// is none, or when ev has no RECURRENCE-ID itself. The result is as it was before
// the running remedy changed anything, so that a calendar with many exceptions is
// read once and not once for each.
func (c *Object) master(ev *ical.Component) *ical.Component {
	if !ev.Has("RECURRENCE-ID") {
		return nil
	}
	if c.series == nil {
		c.series = map[masterKey]*ical.Component{}
		for _, other := range c.schedulable() {
			key := masterKey{other.Name, identity(other.Value("UID"))}
			if _, known := c.series[key]; !known && !other.Has("RECURRENCE-ID") {
				c.series[key] = other
			}
		}
	}
	m := c.series[masterKey{ev.Name, identity(ev.Value("UID"))}]
	if c.current == nil {
		c.series = nil // outside of Do nobody says when the calendar has changed
	}
	return m
}

// fromMicrosoft reports whether the calendar was written by Exchange or Outlook.
func (c *Object) fromMicrosoft() bool {
	return c.Cal != nil && strings.Contains(c.Cal.Value("PRODID"), "Microsoft")
}

// isFor reports whether the receiver has one of the profiles.
func (c *Object) isFor(p ...Profile) bool { return slices.Contains(p, c.Profile) }

func clip(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	cut := maxQuoted
	for cut > maxQuoted-4 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
