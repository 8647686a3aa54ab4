package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	own "github.com/reconvene/reconvene/relay/dkim"
)

// Resolver looks up TXT records; *net.Resolver implements it.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// What is verified of one message. More is named and not looked at.
const (
	maxSignatures    = 3
	maxSignedHeader  = 256 << 10
	maxKeyRecord     = 4 << 10 // octets: holds a key of 16,384 bits
	verifyingTimeout = 5 * time.Second
)

// verification is the result of one DKIM-Signature, in the terms of RFC 8601 §2.7.1.
type verification struct {
	result string // pass, fail, policy, temperror or permerror
	domain string // of the signer, "" when it is not one
	reason string // why it is no pass
}

// verifyDKIM verifies the signatures of a message as it was received (RFC 6376 §6).
// A signature that cannot be verified in time is a temperror; there is no error that
// could stop the message.
func verifyDKIM(ctx context.Context, dns Resolver, message io.ReaderAt, size int64) []verification {
	ctx, cancel := context.WithTimeout(ctx, verifyingTimeout)
	defer cancel()
	head := make([]byte, min(size, maxSignedHeader))
	if n, err := message.ReadAt(head, 0); n < len(head) {
		return []verification{{result: "temperror", reason: "the message could not be read: " + plain(err)}}
	}
	fields, body := headerFields(head)
	if body < 0 {
		return []verification{{result: "policy", reason: "the header is too long"}}
	}
	var out []verification
	for i, f := range fields {
		if !isSignature(f) {
			continue
		}
		if len(out) == maxSignatures {
			return append(out, verification{result: "policy", reason: fmt.Sprintf("more than %d signatures", maxSignatures)})
		}
		out = append(out, verifyOne(ctx, dns, fields, i, io.NewSectionReader(message, body, size-body)))
	}
	return out
}

// verifyOne verifies the signature in the ith field. The library gets it as the
// first field and verifies only one: with more it uses goroutines of its own, where
// a panic would end this process.
func verifyOne(ctx context.Context, dns Resolver, fields [][]byte, i int, body io.Reader) (v verification) {
	defer func() {
		if p := recover(); p != nil {
			v = verification{result: "permerror", reason: "the signature cannot be read"}
		}
	}()
	var head bytes.Buffer
	head.Write(fields[i])
	for k, f := range fields {
		if k != i {
			head.Write(f)
		}
	}
	head.WriteString("\r\n")
	found, err := dkim.VerifyWithOptions(io.MultiReader(&head, body), &dkim.VerifyOptions{
		MaxVerifications: 1,
		LookupTXT:        func(name string) ([]string, error) { return lookupKey(ctx, dns, name) },
	})
	if len(found) == 0 || found[0] == nil {
		return verification{result: "temperror", reason: plain(err)}
	}
	return classify(found[0])
}

func classify(f *dkim.Verification) verification {
	v := verification{result: "pass", domain: f.Domain, reason: plain(f.Err)}
	if !own.IsName(v.domain) {
		v.domain = ""
	}
	switch {
	case f.Err == nil:
	case dkim.IsTempFail(f.Err):
		v.result = "temperror"
	case dkim.IsPermFail(f.Err):
		v.result = "permerror"
	default:
		v.result = "fail"
	}
	return v
}

// lookupFailed is a failed lookup that may succeed later (RFC 6376 §6.1.2).
type lookupFailed struct{ error }

func (lookupFailed) Temporary() bool { return true }
func (lookupFailed) Timeout() bool   { return false }

var _ net.Error = lookupFailed{}

// lookupKey looks up a key record.
func lookupKey(ctx context.Context, dns Resolver, name string) ([]string, error) {
	if !own.IsName(name) {
		return nil, errors.New("selector and domain do not form a valid name")
	}
	records, err := dns.LookupTXT(ctx, name)
	var why *net.DNSError
	switch {
	case err == nil:
	case errors.As(err, &why) && why.IsNotFound:
		return nil, errors.New("there is no such record")
	case ctx.Err() != nil:
		return nil, lookupFailed{errors.New("no response in time")}
	default:
		return nil, lookupFailed{errors.New("the lookup failed")}
	}
	for _, r := range records {
		if len(r) > maxKeyRecord {
			return nil, errors.New("the record is too long")
		}
	}
	return records, nil
}

// headerFields splits a header section into its fields, each with its line ends, and
// returns where the body begins; -1 when the section does not end in b.
func headerFields(b []byte) (fields [][]byte, body int64) {
	start, at := 0, 0
	for {
		n := bytes.IndexByte(b[at:], '\n')
		if n < 0 {
			return fields, -1
		}
		line := b[at : at+n+1]
		next := at + n + 1
		switch {
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			if at > start {
				fields = append(fields, b[start:at])
			}
			return fields, int64(next)
		case at > start && line[0] != ' ' && line[0] != '\t':
			fields = append(fields, b[start:at])
			start = at
		}
		at = next
	}
}

func isSignature(field []byte) bool {
	name, _, ok := bytes.Cut(field, []byte(":"))
	return ok && strings.EqualFold(string(bytes.TrimRight(name, " \t")), "DKIM-Signature")
}

// plain returns an error as text for a quoted-string of one line.
func plain(err error) string {
	if err == nil {
		return ""
	}
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, strings.TrimPrefix(err.Error(), "dkim: "))
	return s[:min(len(s), 100)]
}

// authResults returns the Authentication-Results field (RFC 8601 §2.2) with its
// CRLF.
func authResults(hostname string, found []verification) string {
	var b strings.Builder
	b.WriteString("Authentication-Results: " + hostname)
	for _, v := range found {
		b.WriteString(";\r\n\tdkim=" + v.result)
		if v.reason != "" {
			b.WriteString(` reason="` + v.reason + `"`)
		}
		if v.domain != "" {
			b.WriteString(" header.d=" + v.domain)
		}
	}
	return b.String() + "\r\n"
}
