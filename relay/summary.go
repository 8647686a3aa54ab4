package relay

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

var headerReaders = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// maxSummaryScan is how much of a header is read for the summary; Message-ID and
// Subject are near its top, after the trace fields.
const maxSummaryScan = 256 << 10

// maxSubject is how many characters of a subject are kept, and
// maxSubjectField how many octets of the field are decoded for them.
const (
	maxSubject      = 200
	maxSubjectField = 8 << 10
)

// readSummary stores Message-ID and subject for the log. What cannot be read is
// omitted: the message does not depend on it.
func (s *session) readSummary(message io.ReaderAt, size int64) {
	id, subject := summary(io.NewSectionReader(message, 0, min(size, maxSummaryScan)))
	s.tx.messageID = id
	if s.tx.from.Path == "" {
		ignorePanic(func() { s.tx.report = readStatusReport(message, size) })
	}
	if s.tx.setup.cfg.Log.Subject {
		s.tx.subject = subject
	}
}

// summary returns the Message-ID, complete, and the subject, decoded and shortened.
// When a field occurs twice, the first one counts.
func summary(message io.Reader) (id, subject string) {
	r := headerReaders.Get().(*bufio.Reader)
	defer headerReaders.Put(r)
	r.Reset(message)
	defer r.Reset(nil)
	var field []byte // the one that is being read; nil for others
	var seenID, seenSubject, within bool
	var rawID, rawSubject []byte
	flush := func() {
		switch name, body, _ := bytes.Cut(field, []byte(":")); {
		case field == nil:
		case !seenID && strings.EqualFold(string(bytes.TrimSpace(name)), "Message-ID"):
			rawID, seenID = body, true
		case !seenSubject && strings.EqualFold(string(bytes.TrimSpace(name)), "Subject"):
			rawSubject, seenSubject = body, true
		}
		field = nil
	}
	for !seenID || !seenSubject {
		line, err := r.ReadSlice('\n')
		switch {
		case within || len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && len(bytes.TrimSpace(line)) > 0:
			if field != nil {
				field = append(field, line...)
			}
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			flush()
			return messageID(rawID), subjectText(rawSubject)
		default:
			flush()
			if wanted(line) {
				field = append([]byte{}, line...)
			}
		}
		if within = err == bufio.ErrBufferFull; err != nil && !within {
			flush()
			break
		}
	}
	return messageID(rawID), subjectText(rawSubject)
}

// wanted reports whether the line begins a field that the summary needs.
func wanted(line []byte) bool {
	return hasFold(line, "Message-ID") || hasFold(line, "Subject")
}

func hasFold(line []byte, name string) bool {
	return len(line) > len(name) && strings.EqualFold(string(line[:len(name)]), name) &&
		bytes.HasPrefix(bytes.TrimLeft(line[len(name):], " \t"), []byte(":"))
}

// messageID returns the field unfolded (RFC 5322 §2.2.3). It is kept complete, also
// when it does not have the form of §3.6.4: users search for it as it is.
func messageID(raw []byte) string { return strings.TrimSpace(unfolder.Replace(string(raw))) }

var unfolder = strings.NewReplacer("\r", "", "\n", "")

// subjectText decodes a subject (RFC 2047) and shortens it. Octets that are not
// UTF-8 are decoded as windows-1252, which programs send without declaring it.
func subjectText(raw []byte) string {
	raw = raw[:min(len(raw), maxSubjectField)]
	text := unfolder.Replace(string(raw))
	if !utf8.ValidString(text) {
		if legacy, err := charmap.Windows1252.NewDecoder().String(text); err == nil {
			text = legacy
		}
	}
	dec := mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
		enc, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return enc.NewDecoder().Reader(in), nil
	}}
	if plain, err := dec.DecodeHeader(text); err == nil {
		text = plain
	}
	text = strings.Join(strings.Fields(text), " ")
	for i, n := 0, 0; i < len(text); n++ {
		if n == maxSubject {
			return strings.TrimRight(text[:i], " ") + "…"
		}
		_, width := utf8.DecodeRuneInString(text[i:])
		i += width
	}
	return text
}
