package rewrite_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// FuzzMessage feeds mails and calendars and asks for the promises: no panic,
// nothing changes on a second run, and outside of the edits every octet stays.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(cdoUpdate), uint8(0))
	f.Add([]byte(crlf("Content-Type: text/calendar; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nQkVHSU46VkNBTEVOREFS\n")), uint8(1))
	f.Add([]byte(crlf("BEGIN:VCALENDAR\nMETHOD:CANCEL\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=W. Europe Standard Time:20260302T090000\nEND:VEVENT\nEND:VCALENDAR\n")), uint8(2))
	// a stream as it is, so that the fuzzer can reach into it
	plain := "From: a@b.example\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n"
	f.Add([]byte(plain+string(tnefStream(f, tnefCalendar, nil))), uint8(0))
	f.Add([]byte(plain+string(note(nil))), uint8(0x40))
	for i, data := range goldenMails(f) {
		f.Add(data, uint8(i))
		f.Add(data, uint8(0x40))
		f.Add(data, uint8(0x20+i))
	}
	profiles := remedy.Profiles()
	f.Fuzz(func(t *testing.T, in []byte, n uint8) {
		o := rewrite.Options{Profile: profiles[int(n)%len(profiles)], Now: now, Header: n&0x80 != 0}
		if n&0x40 != 0 {
			o.TNEF = rewrite.TNEFAll
		}
		if n&0x20 != 0 {
			o.Direction, o.Enable = remedy.Inbound, optIns()
		}
		res, err := rewrite.Message(bytes.NewReader(in), o)
		if err != nil && strings.Contains(err.Error(), rewrite.ErrPanic.Error()) {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if n, err := res.WriteTo(&out); err != nil || n != res.Size() {
			t.Fatalf("%d octets of %d: %v", n, res.Size(), err)
		}
		if !res.Changed() {
			if !bytes.Equal(out.Bytes(), in) {
				t.Fatal("changed without saying so")
			}
			return
		}
		if err != nil {
			t.Fatalf("changed although %v", err)
		}
		checkEdits(t, in, out.Bytes(), res)
		again, err := rewrite.Message(bytes.NewReader(out.Bytes()), o)
		if err != nil || again.Changed() {
			t.Fatalf("second run: changed %v, %v, by %v\n%q", again.Changed(), err, again.Report.Applied(), out.Bytes())
		}
	})
}

// checkEdits reports whether the result is the source outside of the edits.
func checkEdits(t *testing.T, in, out []byte, res rewrite.Result) {
	t.Helper()
	if res.Moved() {
		checkMoved(t, in, out, res.Report.Applied())
		return
	}
	from, to := int64(0), int64(0)
	for _, e := range res.Edits() {
		n := e.Start - from
		if !bytes.Equal(in[from:e.Start], out[to:to+n]) {
			t.Fatalf("octets %d to %d differ outside of the edits", from, e.Start)
		}
		to += n
		if !bytes.Equal(out[to:to+int64(len(e.Text))], e.Text) {
			t.Fatalf("the edit at %d is not there", e.Start)
		}
		from, to = e.End, to+int64(len(e.Text))
	}
	if !bytes.Equal(in[from:], out[to:]) {
		t.Fatal("the octets behind the last edit differ")
	}
}

// checkMoved asks that a mail whose parts were moved has the same parts, octet
// by octet, header fields included: but the calendars, what may be dropped (a
// winmail.dat, a file without content), and two texts at most that are new, or
// whatever came out of a winmail.dat. Text and page may be written anew where a
// remedy says so.
func checkMoved(t *testing.T, in, out []byte, applied []string) {
	t.Helper()
	before, after := leaves(t, in), leaves(t, out)
	unwrapped := false
	for text, p := range before {
		wrapper := strings.HasSuffix(p.MediaType, "ms-tnef") || strings.ToLower(p.Filename) == "winmail.dat"
		_, kept := after[text]
		unwrapped = unwrapped || wrapper && !kept
		dropped := wrapper || p.Body.Len() == 0
		if (p.MediaType == "text/plain" || p.MediaType == "text/html") && slices.Contains(applied, "counter-as-reply") {
			continue
		}
		if !kept && !dropped && !isCalendar(p) {
			t.Errorf("part %s (%s) is not there any more as it was", p.Path(), p.MediaType)
		}
	}
	added := 0
	for text, p := range after {
		if _, ok := before[text]; ok || isCalendar(p) {
			continue
		}
		if added++; !unwrapped && (added > 2 || !p.Text()) {
			t.Errorf("part %s (%s) was not there before", p.Path(), p.MediaType)
		}
	}
}

func isCalendar(p *mime.Part) bool {
	return p.MediaType == "text/calendar" || p.MediaType == "application/ics" || strings.HasSuffix(strings.ToLower(p.Filename), ".ics")
}

// leaves returns the parts of a mail that hold no others by their octets.
func leaves(t *testing.T, mail []byte) map[string]*mime.Part {
	t.Helper()
	tree, err := mime.Scan(bytes.NewReader(mail), mime.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	holds := map[*mime.Part]bool{}
	for _, p := range tree.Parts {
		holds[p.Parent] = true
	}
	out := map[string]*mime.Part{}
	for _, p := range tree.Parts {
		if !holds[p] && !p.Enclosed {
			out[string(mail[p.Header.Start:p.Body.End])] = p
		}
	}
	return out
}
