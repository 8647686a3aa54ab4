//go:build unix

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// A response that is signed passes without the time that Exchange 2003 requires:
// the meeting is a suspect until an update has left Exchange.
func TestMeetingsSuspect(t *testing.T) {
	h := newHouse(t, "", "partner.example", "notes.example")
	ben, eve := "ben@partner.example", "eve@notes.example"
	h.out(invite("REQUEST", 0, "1000", ben, eve), ben, eve)
	if out, _ := h.run("meetings", "--suspect"); !strings.Contains(out, "No such meeting") {
		t.Fatalf("before: %s", out)
	}
	answer := strings.Replace(invite("REPLY", 0, "1000"), "SEQUENCE:0", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:"+ben+"\r\nSEQUENCE:0", 1)
	answer = strings.Replace(answer, "Microsoft CDO for Microsoft Exchange", "Microsoft Exchange Server 2007", 1)
	head, calendar, _ := strings.Cut(answer, "\r\n\r\n")
	at := strings.Index(head, "Content-Type:")
	signed := head[:at] + "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=s\r\n\r\n--s\r\n" + head[at:] + "\r\n\r\n" + calendar +
		"\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAG\r\n--s--\r\n"
	post(t, h.p.addr("internet"), ben, "anna@example.com", signed)
	out, _ := h.run("meetings", "--suspect")
	for _, want := range []string{"SUSPECT", ben + ": their response was delivered to Exchange 2003 without its time", "MFCMAPI", "FixRecipientTrackStatusTime"} {
		if !strings.Contains(out, want) {
			t.Errorf("list lacks %q:\n%s", want, out)
		}
	}
	var row struct {
		Suspect  int
		Suspects []struct{ Attendee, Why string }
	}
	out, _ = h.run("meetings", "list", "--suspect", "--json")
	if err := json.Unmarshal([]byte(out), &row); err != nil || row.Suspect != 1 || row.Suspects[0].Attendee != ben || row.Suspects[0].Why != "untimed-response" {
		t.Errorf("%v: %s", err, out)
	}
	if out, _ := h.run("meetings", "show", "040000008200E0"); !strings.Contains(out, "Exchange may be unable to send") || strings.Count(out, ben+": their response") != 1 {
		t.Errorf("show:\n%s", out)
	}
	if out, _ := h.run("meetings", "show", "040000008200E0", "--json"); strings.Count(out, `"suspect":"untimed-response"`) != 1 {
		t.Errorf("show --json:\n%s", out)
	}
	h.out(invite("REQUEST", 1, "1100", ben, eve), ben, eve)
	if out, _ := h.run("meetings", "--suspect"); !strings.Contains(out, "No such meeting") {
		t.Errorf("after an update: %s", out)
	}
	h.out(strings.Replace(invite("REQUEST", 2, "1200", ben, eve), "ROLE=REQ-PARTICIPANT:MAILTO:"+eve, "ROLE=REQ-PARTICIPANT;X-REPLYTIME=16010101T000000Z:MAILTO:"+eve, 1), ben, eve)
	if out, _ := h.run("meetings", "--suspect"); !strings.Contains(out, eve+": a message from Exchange shows the year 1601") {
		t.Errorf("a date that Exchange shows: %s", out)
	}
}

// Each filter finds the meeting, and not another, in every form.
func TestMeetingsFilters(t *testing.T) {
	h := newHouse(t, "", "partner.example", "notes.example")
	ben, eve := "ben@partner.example", "eve@notes.example"
	h.out(strings.Replace(invite("REQUEST", 0, "1000", ben, eve), "SUMMARY:Budget", "SUMMARY;CHARSET=utf-8:Überblick\r\nLOCATION:Saal Ä", 1), ben, eve)
	h.refuse("notes.example", 550, "no calendars here")
	h.out(strings.Replace(invite("CANCEL", 1, "1000", ben, eve), "SUMMARY:Budget", "SUMMARY:Überblick\r\nLOCATION:Saal Ä", 1), ben, eve)
	for _, filter := range []struct{ flag, hit, miss string }{
		{"--since", "1h", ""}, {"--until", "", "1h"}, {"--organizer", "Anna@example.com", ben}, {"--attendee", "Ben@partner.example", "eve@partner.example"},
		{"--domain", "Notes.example", "else.example"}, {"--method", "cancel", "reply"}, {"--search", "überblick", "lunch"}, {"--search", "SAAL ä", "Saal B"},
		{"--undelivered", " ", ""}, {"--not-notified", " ", ""}, {"--suspect", "", " "},
	} {
		for value, found := range map[string]bool{filter.hit: true, filter.miss: false} {
			if value == "" {
				continue
			}
			args := []string{"meetings", "list", filter.flag}
			if value != " " {
				args = append(args, value)
			}
			for form, lines := range map[string]int{"--json": 0, "--csv": 1} {
				out, code := h.run(append(args, form)...)
				if found {
					lines++
				}
				if code != 0 || strings.Count(out, "\n") != lines || found && !strings.Contains(out, "Überblick") {
					t.Errorf("%v %s: %d\n%s", args, form, code, out)
				}
			}
			if out, _ := h.run(args...); strings.Contains(out, "Überblick") != found {
				t.Errorf("%v:\n%s", args, out)
			}
		}
	}
}
