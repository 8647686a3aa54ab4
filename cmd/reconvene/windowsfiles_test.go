package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runOn runs a command on one file and returns its exit code and outputs.
func runOn(t *testing.T, octets string, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(octets), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, diag bytes.Buffer
	code = run(&env{args: append(args, file), stdin: strings.NewReader(octets), stdout: &out, stderr: &diag, now: time.Now})
	return code, out.String(), diag.String()
}

// Mails as PowerShell and Notepad write them are read like the mail itself; an
// Outlook item is refused with what to do.
func TestWindowsMails(t *testing.T) {
	mail := "Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST; charset=us-ascii\r\n\r\n" +
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260601T100000Z\r\n" +
		"DTSTART:20260610T100000Z\r\nORGANIZER:MAILTO:a@x.example\r\nATTENDEE:mailto:b@x.example\r\nSUMMARY:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	wide := strings.Join(strings.Split(mail, ""), "\x00") + "\x00"
	_, want, _ := runOn(t, mail, "a.eml", "fix")
	if !strings.Contains(want, ":mailto:a@x.example") {
		t.Fatalf("the mail itself: %s", want)
	}
	for name, octets := range map[string]string{"UTF-16": "\xff\xfe" + wide, "UTF-16 without a mark": wide, "BOM": "\xef\xbb\xbf" + mail} {
		if code, got, diag := runOn(t, octets, "a.eml", "fix"); code != fixRepaired || got != want {
			t.Errorf("%s: exit %d, %s\n%.300q", name, code, diag, got)
		}
	}
	const item = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"
	for _, args := range [][]string{{"fix"}, {"inspect"}, {"fix", "-"}} {
		if code, _, diag := runOn(t, item, "a.msg", args...); code == 0 || !strings.Contains(diag, "save it as .eml, or drag it") {
			t.Errorf("%v: exit %d, %q", args, code, diag)
		}
	}
}
