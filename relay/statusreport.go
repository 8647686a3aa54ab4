package relay

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
)

// StatusReport is what a delivery status notification (RFC 3464) reports about a
// message that was sent earlier.
type StatusReport struct {
	MessageID  string // of that message, if the notification returns its header
	EnvID      string // Original-Envelope-Id
	Recipients []RecipientStatus
}

// RecipientStatus is what a delivery status notification reports for one recipient.
type RecipientStatus struct {
	Final, Original string // addresses, "" when they are not stated
	Action          string // failed, delayed, delivered, relayed, expanded
	Status          string // "5.1.1"
	Diagnostic      string // the reply of the server that refused it
}

// Limits of what is read of a report; none of a real server has more recipients or
// text.
const (
	maxReport       = 256 << 10
	maxReportPeople = 1000
	maxReportWords  = 1000
)

// readStatusReport returns the report in a message; nil without one.
func readStatusReport(message io.ReaderAt, size int64) *StatusReport {
	b := make([]byte, min(size, maxReport))
	n, err := message.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return nil
	}
	head, body := splitEntity(b[:n])
	kind, params, err := mime.ParseMediaType(head.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["boundary"] == "" {
		return nil
	}
	var r *StatusReport
	var id string
	for _, part := range splitParts(body, params["boundary"]) {
		head, body := splitEntity(part)
		kind, _, _ := mime.ParseMediaType(head.Get("Content-Type"))
		body = transferDecoded(head, body)
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			r = parseStatus(body)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			original, _ := splitEntity(body)
			id = strings.TrimSpace(original.Get("Message-Id"))
		}
	}
	if r != nil {
		r.MessageID = id
	}
	return r
}

// splitEntity reads header fields and returns them with what follows.
func splitEntity(b []byte) (textproto.MIMEHeader, []byte) {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		head, body, _ = bytes.Cut(b, []byte("\n\n"))
	}
	h, _ := textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(head), strings.NewReader("\r\n\r\n")))).ReadMIMEHeader()
	return h, body
}

// transferDecoded decodes a part: those of RFC 6533 and text/rfc822-headers may be
// encoded. What cannot be decoded ends the text.
func transferDecoded(head textproto.MIMEHeader, body []byte) []byte {
	var r io.Reader
	switch strings.ToLower(strings.TrimSpace(head.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		r = quotedprintable.NewReader(bytes.NewReader(body))
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body))
	default:
		return body
	}
	text, _ := io.ReadAll(r)
	return text
}

// splitParts splits a multipart body (RFC 2046 §5.1.1).
func splitParts(body []byte, boundary string) (parts [][]byte) {
	for i, part := range bytes.Split(append([]byte("\n"), body...), []byte("\n--"+boundary)) {
		if i == 0 || i > 20 {
			continue
		}
		if bytes.HasPrefix(part, []byte("--")) {
			break
		}
		if _, after, ok := bytes.Cut(part, []byte("\n")); ok {
			parts = append(parts, after)
		}
	}
	return parts
}

// parseStatus reads the groups of fields of RFC 3464 §2.1.
func parseStatus(body []byte) *StatusReport {
	r := new(StatusReport)
	text := bytes.TrimSpace(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")))
	for i, group := range bytes.Split(text, []byte("\n\n")) {
		h, _ := splitEntity(append(bytes.TrimSpace(group), '\n', '\n'))
		if i == 0 {
			r.EnvID = typed(h.Get("Original-Envelope-Id"))
			if h.Get("Final-Recipient") == "" {
				continue
			}
		}
		if len(r.Recipients) == maxReportPeople || h.Get("Action") == "" {
			continue
		}
		words := typed(h.Get("Diagnostic-Code"))
		r.Recipients = append(r.Recipients, RecipientStatus{Final: typed(h.Get("Final-Recipient")), Original: typed(h.Get("Original-Recipient")),
			Action: strings.ToLower(strings.TrimSpace(h.Get("Action"))), Status: strings.TrimSpace(h.Get("Status")), Diagnostic: words[:min(len(words), maxReportWords)]})
	}
	return r
}

// typed returns a value without its type: "rfc822; bob@example.net".
func typed(s string) string {
	if kind, value, ok := strings.Cut(s, ";"); ok && !strings.ContainsAny(kind, " @") {
		s = value
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}
