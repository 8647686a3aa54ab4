package relay

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Paths are taken from the command line as the client wrote them and checked
// here. They are never unquoted: a local part that loses its quotes can change
// the envelope of the next hop (`"a> NOTIFY=NEVER X="@b` would become three
// words of a command there).

var (
	errNoBrackets = errors.New("a path stands between < and >")
	errNoMailbox  = errors.New("a mailbox is local-part@domain")
)

// cutPath splits an argument such as "FROM:<a@b> SIZE=5" into the path between
// the brackets and the parameters. A source route is dropped (RFC 5321 §4.1.1.3,
// appendix C). The null path is "".
func cutPath(arg, keyword string) (path, params string, err error) {
	if len(arg) < len(keyword) || !strings.EqualFold(arg[:len(keyword)], keyword) {
		return "", "", fmt.Errorf("expected %s<path>", keyword)
	}
	// A space after the colon is a common mistake of scripts, and harmless.
	arg = strings.TrimLeft(arg[len(keyword):], " ")
	if !strings.HasPrefix(arg, "<") {
		return "", "", errNoBrackets
	}
	end := closingBracket(arg)
	if end < 0 {
		return "", "", errNoBrackets
	}
	path, params = arg[1:end], arg[end+1:]
	if params != "" && params[0] != ' ' {
		return "", "", errors.New("no space between path and parameters")
	}
	if strings.HasPrefix(path, "@") {
		_, mailbox, found := strings.Cut(path, ":")
		if !found {
			return "", "", errNoMailbox
		}
		path = mailbox
		if path == "" {
			return "", "", errNoMailbox
		}
	}
	return path, strings.Trim(params, " "), nil
}

// closingBracket finds the > that ends the path, outside of quotes.
func closingBracket(s string) int {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '>' && !quoted:
			return i
		}
	}
	return -1
}

// checkMailbox checks local-part@domain (RFC 5321 §4.1.2, RFC 6531 §3.3). It is
// laxer than the grammar where mail is known to flow (dots that follow each
// other), and strict about every octet that has a meaning in a command line.
func checkMailbox(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("an address is ASCII or UTF-8")
	}
	if strings.HasPrefix(s, `"`) {
		n, err := quotedLength(s)
		if err != nil {
			return err
		}
		if n == len(s) || s[n] != '@' {
			return errNoMailbox
		}
		return checkDomain(s[n+1:])
	}
	local, domain, found := strings.Cut(s, "@")
	if !found || local == "" {
		return errNoMailbox
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
			if strings.ContainsFunc(s[1:i], func(r rune) bool { return r >= utf8.RuneSelf && !isUnicode(r) }) {
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
	return 0, errors.New("quoted local part without an end")
}

func checkDomain(s string) error {
	if s == "" {
		return errNoMailbox
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
	return isAlnum(r) || isUnicode(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// isDomainRune allows the underscore, which real host names have.
func isDomainRune(r rune) bool { return isAlnum(r) || r == '-' || r == '_' || isUnicode(r) }

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isUnicode says yes to non-ASCII but for the C1 controls, the characters that
// other software takes for a space or a line end, and those that turn the
// direction of writing.
func isUnicode(r rune) bool {
	return r > 0xa0 && r != 0x2028 && r != 0x2029 && r != 0x3000 && r != 0xfeff && r != utf8.RuneError && !isDirection(r)
}

// isDirection reports whether a character only changes in which direction what
// follows is shown, so that an address looks like another one.
func isDirection(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cleanHello makes an EHLO argument fit for a reply, a log and a Received field.
func cleanHello(arg string) string {
	if i := strings.IndexByte(arg, ' '); i >= 0 {
		arg = arg[:i]
	}
	if len(arg) > 255 {
		arg = arg[:255]
	}
	b := []byte(arg)
	for i, c := range b {
		if !isAlnum(rune(c)) && !strings.ContainsRune("-._:[]", rune(c)) {
			b[i] = '?'
		}
	}
	return string(b)
}
