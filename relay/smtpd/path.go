package smtpd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Paths are taken from the command line as the client wrote them and checked
// here. They are never unquoted: a local part that loses its quotes can change
// the envelope of the next hop (`"a> NOTIFY=NEVER X="@b` would become three
// words of a command there).

var (
	errNoBrackets = errors.New("a path is enclosed in < and >")
)

// cutPath splits an argument such as "FROM:<a@b> SIZE=5" into the path between the
// brackets and the parameters. A source route is removed (RFC 5321 §4.1.1.3,
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
			return "", "", envelope.ErrNoMailbox
		}
		path = mailbox
		if path == "" {
			return "", "", envelope.ErrNoMailbox
		}
	}
	return path, strings.Trim(params, " "), nil
}

// closingBracket returns the index of the > that ends the path, outside of quotes.
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

// cleanHello makes an EHLO argument safe for a reply, a log line and a Received
// field.
func cleanHello(arg string) string {
	if i := strings.IndexByte(arg, ' '); i >= 0 {
		arg = arg[:i]
	}
	if len(arg) > 255 {
		arg = arg[:255]
	}
	b := []byte(arg)
	for i, c := range b {
		if !envelope.IsAlnum(rune(c)) && !strings.ContainsRune("-._:[]", rune(c)) {
			b[i] = '?'
		}
	}
	return string(b)
}
