package envelope

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrNoMailbox is returned for a path that has no local part or no domain.
var ErrNoMailbox = errors.New("a mailbox is local-part@domain")

// CheckMailbox returns an error unless s is local-part@domain (RFC 5321 §4.1.2, RFC
// 6531 §3.3). It accepts consecutive dots, which some senders use, and is strict
// about every octet that has a meaning in a command line.
func CheckMailbox(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("an address must be ASCII or UTF-8")
	}
	if strings.HasPrefix(s, `"`) {
		n, err := quotedLength(s)
		if err != nil {
			return err
		}
		if n == len(s) || s[n] != '@' {
			return ErrNoMailbox
		}
		return checkDomain(s[n+1:])
	}
	local, domain, found := strings.Cut(s, "@")
	if !found || local == "" {
		return ErrNoMailbox
	}
	if i := strings.IndexFunc(local, func(r rune) bool { return !isAtomRune(r) && r != '.' }); i >= 0 {
		return fmt.Errorf("%q must be quoted in a local part", local[i:i+1])
	}
	return checkDomain(domain)
}

// quotedLength gives the length of the quoted-string that s begins with.
func quotedLength(s string) (int, error) {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			if strings.ContainsFunc(s[1:i], func(r rune) bool { return r >= utf8.RuneSelf && !IsUnicode(r) }) {
				return 0, errors.New("control character or line separator in a quoted local part")
			}
			return i + 1, nil
		case c < ' ' || c == 0x7f:
			return 0, errors.New("control character in a quoted local part")
		case c == '\\':
			i++
			if i < len(s) && (s[i] < ' ' || s[i] > '~') {
				return 0, errors.New("control character in a quoted local part")
			}
		}
	}
	return 0, errors.New("quoted local part without a closing quote")
}

func checkDomain(s string) error {
	if s == "" {
		return ErrNoMailbox
	}
	if s[0] == '[' {
		if len(s) < 3 || s[len(s)-1] != ']' ||
			strings.ContainsFunc(s[1:len(s)-1], func(r rune) bool { return !isAtomRune(r) && r != '.' && r != ':' }) {
			return errors.New("malformed address literal")
		}
		return nil
	}
	if len(s) > 255 {
		return errors.New("domain is longer than 255 octets")
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return !isDomainRune(r) }) {
			return errors.New("malformed domain")
		}
	}
	return nil
}

// isAtomRune is RFC 5321's atext, with RFC 6531's UTF8-non-ascii.
func isAtomRune(r rune) bool {
	return IsAlnum(r) || IsUnicode(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// isDomainRune allows the underscore, which real host names have.
func isDomainRune(r rune) bool { return IsAlnum(r) || r == '-' || r == '_' || IsUnicode(r) }

// IsUnicode reports whether r is a non-ASCII character other than the C1 controls,
// the characters that other software reads as a space or a line end, and those that
// change the direction of writing.
func IsUnicode(r rune) bool {
	return r > 0xa0 && r != 0x2028 && r != 0x2029 && r != 0x3000 && r != 0xfeff && r != utf8.RuneError && !isDirection(r)
}

// isDirection reports whether a character only changes the direction in which the
// following text is shown, which can make an address look like another one.
func isDirection(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}
