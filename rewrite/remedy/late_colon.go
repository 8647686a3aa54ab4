package remedy

import (
	"slices"
	"strings"
	"unicode"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// lateColon returns the offset of the colon that really ends the parameters of
// a person, when the first one outside of quotes stands inside of the value of
// the last parameter and that one is of the given kind; else -1.
func lateColon(l *ical.Line, kind func(name string) bool) int {
	if _, ok := mailbox(l.Value()); ok {
		return -1 // before the parameters are read: nearly all are like that
	}
	params := l.Params()
	if len(params) == 0 {
		return -1
	}
	last := params[len(params)-1]
	if len(last.Values) == 0 || strings.HasSuffix(last.Raw(), `"`) || !kind(last.Name) {
		return -1 // no "=", or quotes: the colon does not stand in its value
	}
	colon := lastMailto(l)
	if colon > 0 && strings.Count(l.Text()[:colon], `"`)%2 == 1 {
		return -1 // a quote without its other half: what it hides is anybody's guess
	}
	return colon
}

// hasOddPiece reports whether a parameter without a value holds a control
// character. The remedies for those look at values, and any edit of the line
// makes another name of it: each would give others something to do on a second
// run.
func hasOddPiece(l *ical.Line) bool {
	if l.Faults()&(ical.FaultTab|ical.FaultControl) == 0 {
		return false
	}
	return slices.ContainsFunc(l.Params(), func(p ical.Param) bool {
		return len(p.Values) == 0 && strings.ContainsFunc(p.Raw(), func(r rune) bool {
			return unicode.IsControl(r) || ical.IsNonCharacter(r)
		})
	})
}

// lastMailto returns the offset in the line's text of the last colon that a
// mailto URI follows, -1 without one.
func lastMailto(l *ical.Line) int {
	const colonMailto = ":" + mailtoScheme
	v := l.Value()
	for i := len(v) - len(colonMailto); i >= 0; i-- {
		if v[i] == ':' && strings.EqualFold(v[i:i+len(colonMailto)], colonMailto) {
			return len(l.Text()) - len(v) + i
		}
	}
	return -1
}

// splitAt parts the line of a person at another colon; -1 leaves it as it is.
// Whatever else in the parameters has a colon without quotes is quoted too:
// else the line would be read wrongly again.
func splitAt(l *ical.Line, colon int) {
	if colon < 0 {
		return
	}
	l.SplitAt(colon, func() {
		quoteName(l)
		quoteURIs(l)
		for _, p := range l.Params() {
			if len(p.Values) > 0 && hasBareColon(p.Raw()) {
				l.SetParam(p.Name, p.Values...)
			}
		}
	})
}

// hasBareColon reports whether there is a colon outside of quotes.
func hasBareColon(s string) bool {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return true
			}
		}
	}
	return false
}
