package ledger

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/envelope"
)

// How long a refusal or a return of content counts, and how many are looked at.
const (
	formAge   = 90 * 24 * time.Hour
	formCases = 5000
)

// Raised is a meeting whose next revision is sent first in another form than the
// repair for the profile, because a recipient in a domain refused or returned one
// for its content. Its JSON form has the keys of the log.
type Raised struct {
	UID    string    `json:"uid"`
	Domain string    `json:"domain"`
	Form   string    `json:"form"` // that the next revision begins with
	Why    string    `json:"why"`  // refused, bounced
	Reply  string    `json:"reply,omitempty"`
	Time   time.Time `json:"time"` // of the message
}

// AcceptedForm is the form that a domain accepted last after it had refused others.
type AcceptedForm struct {
	Domain  string
	Form    string
	Refused []string
	Reply   string
	Time    time.Time
}

// forms is what is known of them, by meeting (in lower case) and domain, and by
// domain.
type forms struct {
	raised map[formPlace]Raised
	took   map[string]AcceptedForm
}

type formPlace struct{ uid, domain string }

func newForms() forms { return forms{map[formPlace]Raised{}, map[string]AcceptedForm{}} }

func (f forms) raise(r Raised) {
	key := formPlace{strings.ToLower(r.UID), r.Domain}
	if r.Form != "" && !f.raised[key].Time.After(r.Time) {
		f.raised[key] = r
	}
}

// FirstForm implements [delivery.FormMemory].
func (l *Ledger) FirstForm(uid, domain string) string {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	r := l.memory.forms.raised[formPlace{strings.ToLower(uid), strings.ToLower(domain)}]
	if l.opt.Now().Sub(r.Time) > formAge {
		return ""
	}
	return r.Form
}

// AcceptedForm implements [delivery.FormMemory].
func (l *Ledger) AcceptedForm(domain string) string {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	t := l.memory.forms.took[strings.ToLower(domain)]
	if l.opt.Now().Sub(t.Time) > formAge {
		return ""
	}
	return t.Form
}

// note records the forms in a record. After a refusal the next revision is sent
// first in the form that was accepted instead, else in the form after the refused
// one; a revision that is accepted at once ends that.
func (f forms) note(r *Record) {
	domain := r.domain()
	if r.Inbound || domain == "" {
		return
	}
	if len(r.Refused) == 0 {
		if r.anyDelivered() {
			for i := range r.Components {
				if key := (formPlace{strings.ToLower(r.Components[i].UID), domain}); !f.raised[key].Time.After(r.Time) {
					delete(f.raised, key)
				}
			}
		}
		return
	}
	next := delivery.FormAfter(r.Refused[0])
	if r.anyDelivered() && r.Outcome != string(delivery.Notice) {
		next = r.Form
		if !f.took[domain].Time.After(r.Time) {
			f.took[domain] = AcceptedForm{domain, r.Form, r.Refused, r.Refusal, r.Time}
		}
	}
	for i := range r.Components {
		f.raise(Raised{UID: r.Components[i].UID, Domain: domain, Form: next, Why: WhyRefused, Reply: r.Refusal, Time: r.Time})
	}
}

// domain is the one that all recipients share, or "".
func (r *Record) domain() string {
	domain := ""
	for i, d := range r.Deliveries {
		if of := domainOf(d.Attendee); i > 0 && of != domain {
			return ""
		} else {
			domain = of
		}
	}
	return domain
}

func (m *lookupState) noteForms(records []*Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		m.forms.note(r)
	}
}

// loadForms reads what the messages say of forms.
func (m *lookupState) loadForms(ctx context.Context, db *sql.DB, now time.Time) error {
	f, err := readForms(ctx, db, now)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.forms = f
	m.mu.Unlock()
	return nil
}

// readForms combines what was refused and what was returned, without what a later
// revision has ended.
func readForms(ctx context.Context, db *sql.DB, now time.Time) (forms, error) {
	f := newForms()
	since := now.Add(-formAge).UnixMilli()
	if err := f.readRefused(ctx, db, since); err != nil {
		return f, err
	}
	if err := f.readBounced(ctx, db, since); err != nil {
		return f, err
	}
	for key, r := range f.raised {
		over, err := takenSince(ctx, db, r)
		if err != nil {
			return f, err
		}
		if over {
			delete(f.raised, key)
		}
	}
	return f, nil
}

func (f forms) readRefused(ctx context.Context, db *sql.DB, since int64) error {
	rows, err := db.QueryContext(ctx, `SELECT m.time, m.form, m.outcome, m.refused, coalesce(m.refusal, ''), u.uid, d.attendee, d.verdict
  FROM (SELECT id, time, form, outcome, refused, refusal, inbound FROM message INDEXED BY message_refused WHERE refused <> '' AND time >= ? ORDER BY time DESC LIMIT ?) m
  CROSS JOIN component c ON c.message = m.id CROSS JOIN meeting u ON u.id = c.meeting CROSS JOIN delivery d ON d.message = m.id
  WHERE NOT m.inbound AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.message = m.id AND o.domain <> d.domain)
  AND NOT EXISTS (SELECT 1 FROM receiver r WHERE r.domain = d.domain AND r.forgotten >= m.time) ORDER BY m.time`, since, formCases)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var refused string
		r, c, d := Record{}, Component{}, Delivery{}
		if err := rows.Scan(&at, &r.Form, &r.Outcome, &refused, &r.Refusal, &c.UID, &d.Attendee, &d.Verdict); err != nil {
			return err
		}
		r.Time, r.Refused, r.Components, r.Deliveries = time.UnixMilli(at).UTC(), split(refused), []Component{c}, []Delivery{d}
		f.note(&r)
	}
	return rows.Err()
}

func (f forms) readBounced(ctx context.Context, db *sql.DB, since int64) error {
	rows, err := db.QueryContext(ctx, `SELECT m.time, m.form, u.uid, d.domain, d.bounce
  FROM (SELECT message, domain, bounce FROM delivery INDEXED BY delivery_bounced WHERE bounced IS NOT NULL AND bounced >= ? ORDER BY bounced DESC LIMIT ?) d
  CROSS JOIN message m ON m.id = d.message CROSS JOIN component c ON c.message = m.id CROSS JOIN meeting u ON u.id = c.meeting
  WHERE NOT m.inbound AND NOT EXISTS (SELECT 1 FROM receiver r WHERE r.domain = d.domain AND r.forgotten >= m.time)`, since, formCases)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at int64
		var form string
		r := Raised{Why: WhyBounced}
		if err := rows.Scan(&at, &form, &r.UID, &r.Domain, &r.Reply); err != nil {
			return err
		}
		if r.Time = time.UnixMilli(at).UTC(); returnsContent(r.Reply) {
			r.Form = delivery.FormAfter(form)
			f.raise(r)
		}
	}
	return rows.Err()
}

// takenSince reports whether a later revision of a meeting was taken at once in the
// domain, and not returned.
func takenSince(ctx context.Context, db *sql.DB, r Raised) (over bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM component c CROSS JOIN message m ON m.id = c.message CROSS JOIN delivery d ON d.message = m.id
  WHERE c.meeting = (SELECT id FROM meeting WHERE uid = ?) AND m.time > ? AND NOT m.inbound AND coalesce(m.refused, '') = ''
  AND d.domain = ? AND d.verdict = 'delivered' AND d.bounced IS NULL)`, r.UID, r.Time.UnixMilli(), r.Domain).Scan(&over)
	return over, err
}

// returnsContent reports whether a delivery status notification is about the content,
// by the server's reply in it, else by its status: "5.6.1 554 5.6.1 no calendars".
func returnsContent(words string) bool {
	status, reply, _ := strings.Cut(words, " ")
	first, text, _ := strings.Cut(reply, " ")
	v := envelope.Verdict{Code: 550, Enhanced: enhancedOf(status), Text: []string{text}, Whole: true, Remote: "-"}
	if code, err := strconv.Atoi(first); err == nil && code >= 500 && code < 600 {
		v.Code = code
		if said, rest, _ := strings.Cut(text, " "); enhancedOf(said) != [3]int{} {
			v.Enhanced, v.Text = enhancedOf(said), []string{rest}
		} else if v.Enhanced[1] == 0 { // 5.0.0 says nothing: the words do
			v.Enhanced = [3]int{}
		}
	}
	return v.RefusesContent()
}

// enhancedOf reads a code of RFC 3463; zero when it is none.
func enhancedOf(s string) (e [3]int) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return [3]int{}
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || n > 999 {
			return [3]int{}
		}
		e[i] = n
	}
	return e
}

// RaisedForms returns the meetings that are sent first in another form to a domain,
// the newest first, and the form that the domain accepted last.
func (r *Reader) RaisedForms(ctx context.Context, domain string, now time.Time) ([]Raised, *AcceptedForm, error) {
	f, err := readForms(ctx, r.db, now)
	if err != nil {
		return nil, nil, err
	}
	var list []Raised
	for key, x := range f.raised {
		if key.domain == strings.ToLower(domain) {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b Raised) int { return b.Time.Compare(a.Time) })
	if took, ok := f.took[strings.ToLower(domain)]; ok {
		return list, &took, nil
	}
	return list, nil, nil
}
