package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// colonMissing puts the colon of a property where a semicolon stands for it, or
// nothing at all after the last parameter. It is certain where what stands
// there is no parameter, and is what the type of the property wants.
func colonMissing() *Remedy {
	return &Remedy{
		ID:       "colon-missing",
		Summary:  "write the missing colon before a value, also where there is a semicolon instead",
		Why:      "A property such as DTSTART;20260302T140000Z or ATTENDEE;CN=Bob;mailto:bob@partner.example has no value, or half of one. Strict programs refuse the calendar; others lose the line.",
		Source:   "RFC 5545 §3.1; the reverse of param-behind-colon",
		Profiles: []Profile{Standard},
		Facets:   facetAll &^ (FacetComponents | FacetMethod),
		Looks:    []string{"?noname", "?bare"},
		Run: func(c *Object) {
			if !c.readable() {
				return
			}
			c.Doc.Root.Walk(func(comp *ical.Component) {
				for i, it := range comp.Items {
					l := it.Prop
					if l == nil || comp.Name == "" {
						continue
					}
					var whole *ical.Line
					if l.Name() == "" {
						whole = withColon(l.Text())
					} else if bareLast(l) {
						whole = withEarlierColon(l)
					}
					if whole != nil && c.Found(found(Error, comp, whole.Name(), l.Text(), whole.Text())) {
						comp.Items[i].Prop = whole
					}
				}
			})
		},
	}
}

// withColon returns the property that a line without a colon is; nil when that
// is not certain.
func withColon(text string) *ical.Line {
	name, ok := knownHead(text)
	if !ok || !strings.Contains(text, ";") || hasBareColon(text) {
		return nil
	}
	at := len(name)
	for at < len(text) {
		end := len(text)
		if n := strings.IndexByte(text[at+1:], ';'); n >= 0 {
			end = at + 1 + n
		}
		piece := text[at+1 : end]
		param, value, ok := strings.Cut(piece, "=")
		if strings.Contains(piece, `"`) && strings.Count(piece, `"`)%2 == 1 {
			return nil // a quote with a semicolon in it, or without its other half
		}
		if !ok || value == "" || !knownParam(strings.ToUpper(param)) && !strings.HasPrefix(strings.ToUpper(param), "X-") {
			return sound(text[:at] + ":" + text[at+1:])
		}
		at = end
	}
	if isDroppable(name) {
		return readLine(text + ":")
	}
	return nil
}

// bareLast is a cheap first look: it reports whether the last parameter has no "=".
func bareLast(l *ical.Line) bool {
	h := head(l)
	n := strings.LastIndexByte(h, ';')
	return n > 0 && n < len(h)-2 && strings.IndexByte(h[n:], '=') < 0
}

// withEarlierColon returns the property whose value begins before its first
// colon, with the last parameter: a URI with its scheme, or a text.
func withEarlierColon(l *ical.Line) *ical.Line {
	h := head(l)
	n := strings.LastIndexByte(h, ';')
	piece := h[n+1 : len(h)-1]
	switch name := l.Name(); {
	case strings.ContainsAny(piece, `"`) || isBareType(piece):
		return nil
	case name == "ATTENDEE" || name == "ORGANIZER":
		if !strings.EqualFold(piece, "mailto") {
			return nil
		}
	case name == "URL" || name == "ATTACH" || name == "CONFERENCE" || name == "SOURCE":
		switch strings.ToLower(piece) {
		case "http", "https", "cid", "mailto", "tel", "file", "ftp", "data":
		default:
			return nil
		}
	case !isText(name):
		return nil
	}
	return sound(h[:n] + ":" + l.Text()[n+1:])
}

// isBareType reports whether a parameter without "=" is one of those that vCalendar
// 1.0 has.
func isBareType(piece string) bool {
	switch strings.ToUpper(strings.TrimSpace(piece)) {
	case "QUOTED-PRINTABLE", "BASE64", "7BIT", "8BIT", "URL", "CONTENT-ID", "CID", "INLINE", "RSVP":
		return true
	}
	return false
}
