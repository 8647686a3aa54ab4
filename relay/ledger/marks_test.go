package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/relay/ledger"
)

func TestMarks(t *testing.T) {
	const both = "bob=250 eve=250"
	invitation := mail{0, "REQUEST", 0, 0, "", 24, "bob eve", both}
	update := mail{5, "REQUEST", 1, 5, "", 25, "bob eve", both}
	at := func(m mail, minute int, fates string) mail {
		m.at, m.fates = minute, fates
		return m
	}
	for _, tt := range []struct {
		name  string
		mails []mail
		want  []string // minute, attendee, mark
	}{
		{"in order", []mail{invitation, update}, nil},
		{"the same once more", []mail{invitation, at(invitation, 3, both)}, []string{"3 bob duplicate", "3 eve duplicate"}},
		{"once more for one", []mail{at(invitation, 0, "bob=250 eve=451"), at(invitation, 3, both)}, []string{"3 bob duplicate"}},
		{"once more behind a bounce", []mail{at(invitation, 0, "bob=bounced"), at(invitation, 3, "bob=250")}, nil},
		{"an older one behind a newer one", []mail{invitation, update, at(invitation, 9, "bob=250")}, []string{"9 bob out-of-order"}},
		{"the older one was put off", []mail{at(invitation, 0, "bob=250 eve=451"), at(update, 5, "bob=250 eve=451"), at(invitation, 9, "eve=250"), at(update, 10, "eve=250")}, []string{"9 eve late"}},
		{"refused is not delivered", []mail{invitation, update, at(invitation, 9, "bob=550")}, nil},
		{"one is added: the others have it", []mail{at(invitation, 0, "bob=250"), {5, "REQUEST", 0, 5, "", 24, "dan", "dan=250"}, at(invitation, 9, "eve=250")}, nil},
		{"another occurrence", []mail{invitation, {5, "REQUEST", 1, 5, "20260309", 25, "bob eve", both}, {9, "REQUEST", 1, 1, "20260316", 25, "bob eve", both}}, nil},
		{"a response twice", []mail{invitation, {5, "REPLY", 0, 5, "", 24, "bob", "anna@example.com=250"}, {6, "REPLY", 0, 5, "", 24, "bob", "anna@example.com=250"}}, []string{"6 anna duplicate"}},
		{"responses of two", []mail{invitation, {5, "REPLY", 0, 5, "", 24, "bob", "anna@example.com=250"}, {6, "REPLY", 0, 4, "", 24, "eve", "anna@example.com=250"}}, nil},
		{"an earlier response comes later", []mail{invitation, {5, "REPLY", 0, 5, "", 24, "bob", "anna@example.com=250"}, {6, "REPLY", 0, 4, "", 24, "bob", "anna@example.com=250"}}, []string{"6 anna out-of-order"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir, nil)
			for i := range tt.mails { // in whatever order they are recorded
				m := tt.mails[len(tt.mails)-1-i]
				r := m.record(i)
				r.Inbound = m.method == "REPLY"
				l.Add(r)
			}
			l.Close()
			list, err := reader(t, dir).Find(context.Background(), "u@example.com")
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			marks := list[0].Marks()
			var got []string
			for _, r := range list[0].Records {
				for i := range r.Deliveries {
					d := &r.Deliveries[i]
					if mark := marks.OfDelivery(r, d); mark != "" {
						name, _, _ := strings.Cut(d.Attendee, "@")
						got = append(got, fmt.Sprintf("%d %s %s", int(r.Time.Sub(nine).Minutes()), name, mark))
					}
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	var none ledger.Meeting
	if none.Marks().OfDelivery(&ledger.Record{}, nil) != "" {
		t.Error("a mark of nothing")
	}
}
