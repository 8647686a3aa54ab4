package relay

import (
	"io"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
)

// Limits of the search for the header fields that show which program wrote a
// message.
const (
	maxFieldsScan = 64 << 10
	maxField      = 400 // characters of a value
	firstTraces   = 2   // Received fields of the sender's own servers, at the bottom
)

// programFields are the header fields that name the program which wrote a message.
var programFields = []string{"X-Mailer", "User-Agent", "X-MimeOLE"}

// readFields stores the header fields of an inbound answer or notification that show
// which system its sender uses.
func (s *session) readFields(message io.ReaderAt, meeting *delivery.Meeting) {
	if s.cfg.Direction != config.Inbound || s.tx.report == nil && !meeting.Answers() {
		return
	}
	ignorePanic(func() { s.tx.fields = fieldsOf(message) })
}

// fieldsOf returns those fields of a message: "X-Mailer: Zimbra 8.8".
func fieldsOf(message io.ReaderAt) []string {
	b := make([]byte, maxFieldsScan)
	n, err := message.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return nil
	}
	head, _ := splitEntity(b[:n])
	var list []string
	add := func(name, value string) {
		value = strings.ToValidUTF8(strings.Join(strings.Fields(value), " "), "\ufffd")
		if len(value) > maxField {
			value = strings.ToValidUTF8(value[:maxField], "")
		}
		list = append(list, name+": "+value)
	}
	for _, name := range programFields {
		if v := head.Get(name); v != "" {
			add(name, v)
		}
	}
	traces := head.Values("Received")
	for i := len(traces) - 1; i >= max(len(traces)-firstTraces, 0); i-- {
		add("Received", traces[i])
	}
	return list
}

// ignorePanic does work that the message does not depend on; a panic ends only that
// work.
func ignorePanic(work func()) {
	defer func() { _ = recover() }()
	work()
}
