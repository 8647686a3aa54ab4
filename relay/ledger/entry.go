package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// readJournal reads the entries in a directory without changing them.
func readJournal(dir string) ([]*Record, error) {
	var list []*Record
	for _, name := range journalNames {
		f, err := os.Open(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return list, err
		}
		found, err := readEntries(f)
		f.Close()
		if list = append(list, found...); err != nil {
			return list, err
		}
	}
	return list, nil
}

// readEntries reads entries. Lines that are none are passed over: the last one when the
// process was killed while it wrote, before its message had a reply.
func readEntries(in io.Reader) ([]*Record, error) {
	var list []*Record
	lines := bufio.NewReader(in)
	for {
		text, err := lines.ReadBytes('\n')
		if r := decodeEntry(text); r != nil {
			list = append(list, r)
		}
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
	}
}

// appendEntry appends the entry of a record. It writes what json.Marshal writes for a Change,
// in a fifth of its time: every message waits for it.
func appendEntry(b []byte, r *Record) []byte {
	w := entryWriter{b}
	w.open("", '{')
	w.text("id", r.ID)
	w.open("record", '{')
	w.record(r)
	w.shut('}')
	if len(r.Evidence) > 0 {
		w.open("evidence", '[')
		for i := range r.Evidence {
			w.evidence(&r.Evidence[i])
		}
		w.shut(']')
	}
	w.shut('}')
	return append(w.b, '\n')
}

// decodeEntry is the record of an entry; nil when it is none.
func decodeEntry(text []byte) *Record {
	var c Change
	if text = bytes.Trim(text, "\x00 \r\n"); len(text) == 0 || json.Unmarshal(text, &c) != nil {
		return nil
	}
	r := c.Record
	if r == nil || r.ID == "" || r.Time.IsZero() {
		return nil
	}
	r.Inbound, r.Evidence = r.Direction == "inbound", c.Evidence
	return r
}
