package rewrite

import (
	"bytes"
	"strings"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// untouchable is why something must not be changed; the zero value means that it may
// be.
type untouchable struct{ reason string }

func (u untouchable) forbids() bool { return u.reason != "" }

// untouchableCalendar returns why a calendar must stay as it is, going by what was
// found in it.
func untouchableCalendar(findings []remedy.Finding) untouchable {
	switch f := gravest(findings); f.Untouchable {
	case remedy.Incomplete:
		return untouchable{"incomplete: the calendar may have been cut off, and the missing text is not known"}
	case remedy.OtherFormat:
		return untouchable{"vCalendar 1.0: " + f.Note}
	case remedy.Unreadable:
		return untouchable{"unreadable: its character set is unknown, or its octets are not valid in it"}
	}
	return untouchable{}
}

// gravest returns the finding with the greatest Untouchable.
func gravest(findings []remedy.Finding) (g remedy.Finding) {
	for _, f := range findings {
		if f.Untouchable > g.Untouchable {
			g = f
		}
	}
	return g
}

// untouchableBody returns why a part must stay unchanged because of its text:
// programs that check a signature in it search all of it.
func untouchableBody(p readPart) untouchable {
	switch {
	case inlinePGP(p.body):
		return untouchable{"signed or encrypted: inline PGP"}
	case p.part.TwoEnds:
		return untouchable{"a delimiter after a bare carriage return: programs differ in where the part ends"}
	}
	return untouchable{}
}

// inlinePGP reports whether there is a line of PGP armor in a text. Programs that
// check the signature search all of it.
func inlinePGP(body []byte) bool {
	armor := []byte("-----BEGIN PGP ")
	for rest := body; ; {
		i := bytes.Index(rest, armor)
		if i < 0 {
			return false
		}
		if at := len(body) - len(rest) + i; at == 0 || body[at-1] == '\n' || body[at-1] == '\r' {
			return true
		}
		rest = rest[i+len(armor):]
	}
}

// untouchable returns why the whole message must not be changed.
func (p *pipeline) untouchable(m *message) untouchable {
	if p.o.DKIM == KeepDKIM && m.tree.Signature != "" {
		return untouchable{"dkim: a repair would break the " + m.tree.Signature}
	}
	if p.o.DKIM != IgnoreDKIM || p.o.AuthServID != "" { // a signature of a person, which no server verifies
		for _, p := range m.tree.Parts {
			if !p.Enclosed && p.Detached() && (p.Parent == nil || p.Parent.Sealed == "") {
				return untouchable{"signed: a detached signature in part " + p.Path()}
			}
		}
	}
	senders := []string{strings.Trim(p.o.Sender, "<>")}
	for _, a := range m.fields.From {
		senders = append(senders, a.Address)
	}
	for _, entry := range p.o.SkipFrom {
		for _, s := range senders {
			if s != "" && matchSender(entry, s) {
				return untouchable{"skip_from: " + entry}
			}
		}
	}
	return untouchable{}
}

// matchSender reports whether an address is meant by an entry: an address, a
// domain, or "*." and a domain for everything below it.
func matchSender(entry, address string) bool {
	if at := strings.LastIndexByte(entry, '@'); at > 0 {
		return strings.EqualFold(entry, address)
	}
	entry = strings.ToLower(strings.TrimPrefix(entry, "@"))
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	if below, ok := strings.CutPrefix(entry, "*"); ok {
		return strings.HasSuffix(domain, below)
	}
	return entry == domain && entry != ""
}
