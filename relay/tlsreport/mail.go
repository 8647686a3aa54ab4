package tlsreport

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/envelope"
)

// maxReceivers is how many addresses of a domain a report is sent to.
const maxReceivers = 2

// Receivers returns the addresses to which a domain wants reports (RFC 8460 §3). wants
// is true, too, where they are only of a kind that is not sent to, such as https.
func Receivers(texts []string) (addresses []string, wants bool) {
	var records []string
	for _, t := range texts {
		if version, rest, found := strings.Cut(t, ";"); found && strings.TrimSpace(version) == "v=TLSRPTv1" {
			records = append(records, rest)
		}
	}
	if len(records) != 1 {
		return nil, false
	}
	for field := range strings.SplitSeq(records[0], ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		if strings.TrimSpace(key) != "rua" {
			continue
		}
		for uri := range strings.SplitSeq(value, ",") {
			wants = true
			if a, ok := mailto(strings.TrimSpace(uri)); ok && len(addresses) < maxReceivers {
				addresses = append(addresses, a)
			}
		}
	}
	return addresses, wants
}

// mailto returns the address of a mailto URI (RFC 6068).
func mailto(uri string) (string, bool) {
	rest, ok := strings.CutPrefix(uri, "mailto:")
	rest, _, _ = strings.Cut(rest, "?")
	address, err := url.PathUnescape(rest)
	return address, ok && err == nil && envelope.IsASCII(address) && envelope.CheckMailbox(address) == nil && !strings.Contains(address, `"`)
}

// Mail returns the report as a message to one address (RFC 8460 §5.3). It does not wait
// for TLS that does not work: that is what it tells of (§3).
func (r *Report) Mail(domain, from, to string, at time.Time) ([]byte, error) {
	name, text, err := r.file(domain)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(text)
	if err := z.Close(); err != nil {
		return nil, err
	}
	boundary := "=_" + r.Range.Start.Format("20060102") + "_tlsrpt"
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("From: <%s>", from)
	line("To: <%s>", to)
	line("Date: %s", at.Format(time.RFC1123Z))
	line("Message-ID: <%s>", r.ID)
	line("Subject: Report Domain: %s\r\n Submitter: %s\r\n Report-ID: <%s>", domain, r.Organization, r.ID)
	line("TLS-Report-Domain: %s\r\nTLS-Report-Submitter: %s\r\nTLS-Required: No\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0", domain, r.Organization)
	line("Content-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"%s\"\r\n", boundary)
	line("--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n", boundary)
	line("This is a report on TLS (RFC 8460) for connections from\r\n%s\r\nto the mail exchangers of\r\n%s\r\non %s.\r\n", r.Organization, domain, r.Range.Start.Format(time.DateOnly))
	line("--%s\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n filename=\"%s.gz\"\r\n", boundary, name)
	for encoded := base64.StdEncoding.EncodeToString(packed.Bytes()); encoded != ""; {
		n := min(len(encoded), 76)
		line("%s", encoded[:n])
		encoded = encoded[n:]
	}
	line("--%s--", boundary)
	return b.Bytes(), nil
}
