package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// wrapAll puts each scheduling calendar into the mail that it would travel in:
// from one address to another one, which stand for the people that the file may
// leave out. What the file itself says of people is not touched by that.
func wrapAll(folder, index, target string) error {
	byName := map[string]*file{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		byName[e.Name()] = &file{name: e.Name()}
	}
	if err := producers(index, byName); err != nil {
		return err
	}
	for _, e := range entries {
		f := byName[e.Name()]
		if len(scheduling([]*file{f})) == 0 || !strings.HasSuffix(f.name, ".ics") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, f.name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, f.name+".eml"), wrap(f, text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func wrap(f *file, text []byte) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: Organizer <organizer@sender.example>\r\nTo: Attendee <attendee@receiver.example>\r\nSubject: Meeting\r\n"+
		"Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nMessage-ID: <%08x@sender.example>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: text/calendar; charset=utf-8; method=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", len(text), f.method)
	for code := base64.StdEncoding.EncodeToString(text); code != ""; {
		n := min(76, len(code))
		b.WriteString(code[:n] + "\r\n")
		code = code[n:]
	}
	return []byte(b.String())
}
