package remedy

import (
	"net/mail"
	"strings"
	"testing"
)

// row is one line of a remedy's table.
type row struct {
	name  string
	in    string
	want  string // "" means that nothing may change
	found int    // how many findings
	note  string // part of the note of the first finding; "" for none
	with  []func(*Object)
}

// table runs one remedy over its rows. run checks that it is idempotent.
func table(t *testing.T, id string, rows []row) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			out, findings := run(t, id, tt.in, tt.with...)
			want := tt.want
			if want == "" {
				want = tt.in
			}
			out = strings.ReplaceAll(out, "\r\n ", "") // folds are not what these tables are about
			if out != want {
				t.Errorf("got\n%s\nwant\n%s", out, want)
			}
			if len(findings) != tt.found {
				t.Fatalf("%d findings, want %d: %+v", len(findings), tt.found, findings)
			}
			applied := false
			for _, f := range findings {
				applied = applied || f.Applied
			}
			if changed := want != tt.in; applied != changed {
				t.Errorf("applied %v, changed %v: %+v", applied, changed, findings)
			}
			if len(findings) > 0 {
				if got := findings[0].Note; tt.note == "" && got != "" || !strings.Contains(got, tt.note) {
					t.Errorf("note %q, want %q", got, tt.note)
				}
			}
		})
	}
}

// eventOf is event with another METHOD.
func eventOf(method string, lines ...string) string {
	all := append([]string{"METHOD:" + method, "BEGIN:VEVENT"}, lines...)
	return calendar(append(all, "END:VEVENT")...)
}

func with(opts ...func(*Object)) []func(*Object) { return opts }

func forProfile(p Profile) func(*Object) { return func(c *Object) { c.Profile = p } }

func from(addr string) func(*Object) {
	return func(c *Object) { c.Mail.From = addresses(addr) }
}

func sender(addr string) func(*Object) {
	return func(c *Object) { c.Mail.Sender = addresses(addr)[0] }
}

func to(addrs ...string) func(*Object) {
	return func(c *Object) { c.Mail.To = addresses(addrs...) }
}

func cc(addrs ...string) func(*Object) {
	return func(c *Object) { c.Mail.Cc = addresses(addrs...) }
}

func rcpt(addrs ...string) func(*Object) {
	return func(c *Object) { c.Mail.Recipients = addrs }
}

func addresses(list ...string) []*mail.Address {
	var out []*mail.Address
	for _, s := range list {
		a, err := mail.ParseAddress(s)
		if err != nil {
			panic(err)
		}
		out = append(out, a)
	}
	return out
}
