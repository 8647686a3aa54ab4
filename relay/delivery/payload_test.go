package delivery

import (
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/spool"
	"github.com/reconvene/reconvene/rewrite"
)

// What the rewriter made is kept as the body is: a little in memory, more in a
// file.
func TestLargeRepairIsKeptInAFile(t *testing.T) {
	mail := "Content-Type: text/calendar; method=CANCEL; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nPRODID:x\r\nVERSION:2.0\r\n" +
		"BEGIN:VEVENT\r\nUID:1@sender.example\r\nDTSTAMP:20260101T090000Z\r\nDTSTART:20260202T090000Z\r\nDTEND:20260202T100000Z\r\n" +
		"ORGANIZER:mailto:boss@sender.example\r\nSEQUENCE:0\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	for _, tt := range []struct {
		name     string
		inMemory int64
		kept     bool
	}{{"small", 1 << 20, false}, {"large", 100, true}} {
		t.Run(tt.name, func(t *testing.T) {
			body := spool.New(spool.Options{Directory: t.TempDir(), InMemory: tt.inMemory})
			defer body.Close()
			if _, err := body.Write([]byte(mail)); err != nil {
				t.Fatal(err)
			}
			result, err := rewrite.Message(body, rewrite.Options{})
			if err != nil || !result.Changed() {
				t.Fatal("nothing repaired", err)
			}
			out := &payload{body: result}
			defer out.close()
			if err := out.keep(result, body); err != nil {
				t.Fatal(err)
			}
			if (out.kept != nil) != tt.kept || tt.kept && !out.kept.InFile() {
				t.Errorf("kept in %+v", out.kept)
			}
			var got, want strings.Builder
			if _, err := out.WriteTo(&got); err != nil {
				t.Fatal(err)
			}
			if _, err := result.WriteTo(&want); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() || !strings.Contains(got.String(), "SEQUENCE:3") {
				t.Errorf("came out as %q", got.String())
			}
		})
	}
}
