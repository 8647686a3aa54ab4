package dsn

import (
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
)

// statusHeader returns the header of the part for programs. Text with UTF-8 is only
// written where the notification is sent with SMTPUTF8, which includes 8BITMIME; a
// message/delivery-status must be 7-bit (RFC 3464 §2.1).
func statusHeader(status string) string {
	if envelope.IsASCII(status) {
		return "Content-Type: message/delivery-status\r\n"
	}
	return "Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: " + eightBit + "\r\n"
}

// status returns the part for programs (RFC 3464 §2.1; RFC 6533 §4.1 with utf8). Its
// groups are separated by empty lines, and no value has any.
func (r *Report) status(utf8 bool) string {
	var f fields
	if id := envelope.DecodeXtext(r.Envelope.EnvID); id != "" {
		f.ascii("Original-Envelope-Id", id)
	}
	f.ascii("Reporting-MTA", "dns; "+envelope.ASCIIDomain(r.Hostname))
	f.dated("Arrival-Date", r.Arrived)
	add := f.ascii
	if utf8 {
		add = f.utf8
	}
	for _, rcpt := range r.Recipients {
		f.b.WriteString("\r\n")
		if orcpt := original(rcpt.ORcpt, utf8); orcpt != "" {
			add("Original-Recipient", orcpt)
		}
		add("Final-Recipient", final(rcpt.Path, utf8))
		f.ascii("Action", string(rcpt.Action.reported()))
		f.ascii("Status", rcpt.status())
		v := rcpt.Verdict
		if host := remoteHost(v.Remote); host != "" {
			f.ascii("Remote-MTA", "dns; "+host)
		}
		if words := diagnostic(v); words != "" {
			add("Diagnostic-Code", words)
		}
		f.dated("Last-Attempt-Date", rcpt.LastAttempt)
		if r.QueueID != "" {
			f.ascii("Final-Log-ID", r.QueueID)
		}
		if rcpt.Action == Delayed {
			f.dated("Will-Retry-Until", rcpt.RetryUntil)
		}
	}
	return f.String()
}

// status returns the status code (RFC 3464 §2.3.4). Its class follows from the action:
// a delay is 4, a success 2; a failure keeps a 4 that it has, as after the last of many
// temporary replies.
func (r Recipient) status() string {
	s := r.Status
	if s == [3]int{} {
		s = r.Verdict.Enhanced
	}
	class := r.Verdict.Code / 100
	switch r.Action.reported() {
	case Delivered:
		class = 2
		if s[0] != 2 {
			s = [3]int{2, 0, 0}
		}
	case Relayed:
		s = [3]int{2, 1, 9} // passed on to a system that does not report (RFC 3886 §3.3.4)
		class = 2
	case Delayed:
		class = 4
	default:
		if class != 4 && class != 5 {
			class = 5
		}
		if s[0] == 4 || s[0] == 5 {
			class = s[0]
		}
		if r.Action == Expired && r.Status == [3]int{} {
			s = [3]int{4, 4, 7}
			class = 4
		}
	}
	if s[0] != 2 && s[0] != 4 && s[0] != 5 || s[1] < 0 || s[1] > 999 || s[2] < 0 || s[2] > 999 || s[0] == 2 && class != 2 {
		s = [3]int{}
	}
	s[0] = class
	return string(envelope.AppendEnhanced(nil, s))
}

// diagnostic returns the words of the server, or the reason that we have ourselves. A
// code 0 is no reply.
func diagnostic(v envelope.Verdict) string {
	text := line(v.Reply())
	switch {
	case v.Code == 0 && text == "":
		return ""
	case v.Remote == "":
		return "x-reconvene; " + text
	}
	return "smtp; " + line(v.Error())
}

// remoteHost returns the name of "mail.example.com [192.0.2.1]:25", or its address as
// a literal when it has no name.
func remoteHost(remote string) string {
	name, _, _ := strings.Cut(strings.TrimSpace(remote), " ")
	if strings.HasPrefix(name, "[") {
		if end := strings.IndexByte(name, ']'); end > 0 {
			return name[:end+1]
		}
	}
	if host, _, ok := strings.Cut(name, ":"); ok && !strings.Contains(host, "[") {
		return host
	}
	return name
}

// final returns the address to which the message was sent, with its type.
func final(path string, utf8 bool) string {
	switch {
	case envelope.IsASCII(path):
		return "rfc822; " + path
	case utf8:
		return "utf-8; " + path
	}
	return "utf-8; " + unitext(path)
}

// original returns ORCPT as a field has it: decoded from xtext (RFC 3464 §2.3.1), or of
// the type utf-8 in the form that the part can have (RFC 6533 §3).
func original(orcpt string, utf8 bool) string {
	kind, address, ok := strings.Cut(orcpt, ";")
	if !ok || address == "" {
		return ""
	}
	switch {
	case !strings.EqualFold(kind, "utf-8"):
		address = envelope.DecodeXtext(address)
	case utf8:
		address = fromUnitext(address)
	default:
		address = unitext(fromUnitext(address))
	}
	return kind + "; " + address
}
