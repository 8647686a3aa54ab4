package rewrite

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/reconvene/reconvene/rewrite/mime"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// Message finds meetings in a message, repairs them as the options allow, and
// returns the message to be sent and a report. The Result is always complete and can
// be sent: on an error it is the unchanged source, and the report gives the reason.
func Message(source Source, o Options) (Result, error) {
	return rewriteWith(source, o, allRemedies())
}

// rewriteWith is Message with the remedies given.
func rewriteWith(source Source, o Options, t *table) (Result, error) {
	if o.Mode == Off {
		return untouched(source), nil
	}
	return newPipeline(source, o, t).run(nil)
}

func untouched(source Source) Result {
	splice, _ := mime.NewSplice(source, nil)
	return Result{splice: splice}
}

// message is a mail as it was received: where its parts are, and what its header
// says. A bare calendar has no tree.
type message struct {
	src    Source
	tree   *mime.Tree
	lim    Limits
	fields remedy.Mail
}

// readMessage finds the parts of a mail, unless they are known.
func readMessage(src Source, tree *mime.Tree, lim Limits) (m *message, err error) {
	if tree == nil {
		tree, err = mime.Scan(src, lim.scan())
	}
	return &message{src: src, tree: tree, lim: lim}, err
}

// scan is the part of the limits that the scanner of package mime needs.
func (l Limits) scan() mime.Limits {
	return mime.Limits{Parts: l.Parts, Depth: l.Depth, Header: l.Header}
}

// decode decodes a part of at most limit octets. why is the reason against changing
// it; err reports that the source cannot be read.
func (m *message) decode(p *mime.Part, limit int) (body []byte, why string, err error) {
	body, err = mime.Decode(m.src, p, m.tree.EOL, limit)
	switch {
	case errors.Is(err, mime.ErrLimit):
		return nil, "too large: " + err.Error(), nil
	case errors.Is(err, mime.ErrEncoding), errors.Is(err, mime.ErrDamaged):
		return nil, err.Error(), nil
	}
	return body, "", err
}

// outerText returns the text that the mail shows beside a part: its first
// text/plain that is no file. shown is false where a reader sees either that
// text or the part.
func (m *message) outerText(p *mime.Part) (text string, shown bool, err error) {
	for _, t := range m.tree.Parts {
		if t.MediaType != "text/plain" || t.Enclosed || t.Disposition == "attachment" || t == p {
			continue
		}
		body, why, err := m.decode(t, m.lim.Calendar)
		if err != nil {
			return "", false, err
		}
		if why == "" {
			return decodeText(body, t.Params.Get("charset")), !alternatives(t, p), nil
		}
	}
	return "", false, nil
}

// freshSeed makes the boundaries of a part from its content: the same mail
// always becomes the same octets. It is no boundary that the mail has already.
func (m *message) freshSeed(sum []byte) string {
	for {
		seed := hex.EncodeToString(sum[:12])
		taken := slices.ContainsFunc(m.tree.Parts, func(p *mime.Part) bool {
			return strings.Contains(p.Params.Get("boundary"), seed)
		})
		if !taken {
			return seed
		}
		next := sha256.Sum256(sum)
		sum = next[:]
	}
}

// endsInLine reports whether a body ends in a line end.
func (m *message) endsInLine(s mime.Span) bool {
	if s.Len() == 0 {
		return false
	}
	b, err := readAll(m.src, s.End-1, s.End)
	return err == nil && strings.HasSuffix(string(b), "\n")
}

// closeLine ends the last line of a text whose line end belongs to the
// delimiter after it (RFC 2046 §5.1.1): for a reader of the calendar the line
// has an end. In base64 the line ends are part of the data.
func closeLine(body []byte, encoding string) []byte {
	if encoding == "base64" || bytes.HasSuffix(body, []byte("\n")) {
		return body
	}
	return append(body[:len(body):len(body)], "\r\n"...)
}
