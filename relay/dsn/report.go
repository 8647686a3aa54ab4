package dsn

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
	"github.com/reconvene/reconvene/rewrite/notice"
)

// DefaultMaxReturn is how many octets of a message are returned. A larger message is
// represented by its header (RFC 3461 §4.3).
const DefaultMaxReturn = 100 << 10

// maxPath is the longest address to which a notification is written: its field has to
// fit on a line (RFC 5322 §2.1.1).
const maxPath = 900

// ErrNullPath is returned for a message that has the null reverse-path: it is a
// notification itself or wants none (RFC 5321 §6.1).
var ErrNullPath = errors.New("a message with the null reverse-path gets no notification")

// Report is what a notification reports about one message and some of its recipients.
type Report struct {
	ID         string    // of this notification, unique on this host
	Hostname   string    // ours: the reporting MTA
	Postmaster string    // the address that the notification is from; "" is postmaster@Hostname
	At         time.Time // when the notification is written

	Envelope   envelope.ReversePath // of the message; its Path is the recipient of the notification
	Arrived    time.Time            // when the message was received
	QueueID    string               // under which the log has the message; "" is left out
	MessageID  string               // of its header, with the brackets; "" when there is none
	Subject    string               // decoded
	Recipients []Recipient          // those that are reported; see Due

	Original io.ReaderAt // the message as it was received; nil returns nothing of it
	Size     int64       // of Original
	Meeting  *Meeting    // nil when the message is not about a meeting
	Language notice.Language

	// EightBit says that the servers on the way to the sender are known to offer
	// 8BITMIME, so that a message with octets above 127 can be returned complete.
	EightBit  bool
	MaxReturn int64 // octets; 0 is DefaultMaxReturn
}

// Recipient is the outcome for one recipient.
type Recipient struct {
	envelope.Recipient
	Action      Action
	Status      [3]int           // RFC 3463; zero takes it from Verdict
	Verdict     envelope.Verdict // the last one; it is ours when its Remote is empty
	LastAttempt time.Time        // zero: there was none
	RetryUntil  time.Time        // of a delay
}

// Notification is what is known of a notification that was written: what its
// transaction has to declare.
type Notification struct {
	UTF8     bool // it must be sent with SMTPUTF8
	EightBit bool // it has octets above 127: BODY=8BITMIME
	Full     bool // it returns the complete message
}

// Write writes a notification with lines that end in CRLF. After an error the text that
// was written is not a notification.
func Write(w io.Writer, r *Report) (Notification, error) {
	if err := r.check(); err != nil {
		return Notification{}, err
	}
	utf8 := !envelope.IsASCII(r.Envelope.Path)
	parts, err := r.returned(utf8)
	if err != nil {
		return Notification{}, fmt.Errorf("reading the message: %w", err)
	}
	status := r.status(utf8)
	n := Notification{UTF8: utf8, Full: parts.full, EightBit: parts.encoding == eightBit || !envelope.IsASCII(status)}
	boundary, err := parts.boundary(r.ID)
	if err != nil {
		return Notification{}, err
	}
	out := &writer{w: w}
	out.text(r.header(boundary, n.EightBit))
	out.text("\r\n--" + boundary + "\r\n")
	r.writeText(out, parts)
	out.text("\r\n--" + boundary + "\r\n")
	out.text(statusHeader(status) + "\r\n" + status)
	if parts.mediaType != "" {
		out.text("\r\n--" + boundary + "\r\n")
		parts.write(out)
	}
	out.text("\r\n--" + boundary + "--\r\n")
	return n, out.err
}

func (r *Report) check() error {
	switch {
	case r.Envelope.Path == "":
		return ErrNullPath
	case len(r.Envelope.Path) > maxPath:
		return fmt.Errorf("the reverse-path has more than %d octets", maxPath)
	case r.ID == "" || r.Hostname == "":
		return errors.New("a notification needs an ID and the name of this host")
	case len(r.Recipients) == 0:
		return errors.New("a notification needs a recipient to report")
	}
	return envelope.CheckMailbox(r.Envelope.Path)
}

// header returns the header of the notification.
func (r *Report) header(boundary string, eight bool) string {
	w := r.words()
	var f fields
	postmaster := r.Postmaster
	if postmaster == "" {
		postmaster = "postmaster@" + r.Hostname
	}
	f.ascii("From", "Mail Delivery System <"+postmaster+">")
	f.utf8("To", "<"+mailbox(r.Envelope.Path)+">")
	f.encoded("Subject", fmt.Sprintf(w.subject[r.worst()], r.title(w)))
	f.ascii("Date", date(r.At))
	f.ascii("Message-ID", "<"+idText(r.ID)+"@"+envelope.ASCIIDomain(r.Hostname)+">")
	if id := r.MessageID; isMessageID(id) {
		f.ascii("In-Reply-To", id)
		f.ascii("References", id)
	}
	// RFC 3834 §5: nobody answers it automatically.
	f.ascii("Auto-Submitted", "auto-replied")
	if r.Envelope.OptionalTLS && !r.Envelope.RequireTLS { // as the sender wants it (RFC 8689 §6)
		f.ascii("TLS-Required", "No")
	}
	f.ascii("MIME-Version", "1.0")
	if eight {
		f.ascii("Content-Transfer-Encoding", eightBit)
	}
	f.ascii("Content-Type", `multipart/report; report-type=delivery-status; boundary="`+boundary+`"`)
	return f.String()
}

// title is what the subject of the notification names.
func (r *Report) title(w *words) string {
	if s := line(r.Subject); s != "" {
		return s
	}
	return w.untitled
}

// worst returns the action that the sender has to know most.
func (r *Report) worst() Action {
	worst := Delivered
	for _, rcpt := range r.Recipients {
		if rank[rcpt.Action.reported()] > rank[worst] {
			worst = rcpt.Action.reported()
		}
	}
	return worst
}

// mailbox returns a path as a header field has it: its local part is quoted where it is
// not a dot-atom (RFC 5322 §3.4.1), which an envelope may have.
func mailbox(path string) string {
	local, domain, _ := strings.Cut(path, "@")
	if strings.HasPrefix(local, `"`) || !strings.HasPrefix(local, ".") && !strings.HasSuffix(local, ".") && !strings.Contains(local, "..") {
		return path
	}
	return `"` + local + `"@` + domain
}

// writer keeps the first error.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.w, s)
	}
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.w.Write(p)
	w.err = err
	return n, err
}
