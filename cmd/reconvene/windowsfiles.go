package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
)

// What Windows makes of mails: Outlook saves a compound file, PowerShell's > writes
// UTF-16, editors add a byte order mark, and no shell expands a pattern.

// errOutlookItem is said of a compound file ([MS-CFB] §2.2), which is what Outlook
// saves as .msg.
var errOutlookItem = errors.New("is an Outlook item (.msg), not a message: save it as .eml, or drag it into a new message and save the copy that arrives; Outlook on the web and Thunderbird save .eml")

var compoundFile = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}

// asMail looks at the beginning of what was named. A mail in UTF-16 or with a byte
// order mark is read as the text that it holds; a calendar is not, since repairs and
// reports of it name such things themselves.
func (in *input) asMail() error {
	head := make([]byte, 8)
	n, err := in.src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return fmt.Errorf("%s cannot be read: %w", in.name, err)
	}
	if bytes.Equal(head[:n], compoundFile) {
		return fmt.Errorf("%s %w", in.name, errOutlookItem)
	}
	if in.form == rewrite.Calendar || len(config.PlainText(head[:n])) == n || startsCalendar(in.src) {
		return nil
	}
	if in.src.Size() > streamLimit {
		return fmt.Errorf("%s is UTF-16 and larger than %d octets: save it in its original encoding", in.name, streamLimit)
	}
	text, err := io.ReadAll(io.NewSectionReader(in.src, 0, in.src.Size()))
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", in.name, err)
	}
	in.src = bytes.NewReader(config.PlainText(text))
	return nil
}

// expand replaces the patterns among the names by the files that they match, for
// shells that do not. A file whose name looks like a pattern is that file.
func expand(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		if _, err := os.Lstat(name); name == "-" || err == nil || !strings.ContainsAny(name, "*?[") {
			out = append(out, name)
			continue
		}
		matches, err := filepath.Glob(name)
		if err != nil || len(matches) == 0 {
			return nil, fmt.Errorf("no file matches %s", visible(name))
		}
		out = append(out, matches...)
	}
	return out, nil
}
