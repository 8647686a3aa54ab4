package rewrite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
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
	golden, _ := filepath.Glob("../testdata/meetings/*/in.eml")
	for i, path := range golden {
		if data, err := os.ReadFile(path); err == nil {
			f.Add(data, uint8(i))
			f.Add(data, uint8(0x40))
		}
	}
	profiles := remedy.Profiles()
	f.Fuzz(func(t *testing.T, in []byte, n uint8) {
		o := rewrite.Options{Profile: profiles[int(n)%len(profiles)], Now: now, Header: n&0x80 != 0}
		if n&0x40 != 0 {
			o.TNEF = rewrite.TNEFAll
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

// checkEdits says whether the result is the source outside of the edits.
func checkEdits(t *testing.T, in, out []byte, res rewrite.Result) {
	t.Helper()
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
