package remedy

import (
	"bytes"
	"strconv"
)

// qpWordwrapInValue joins the dates of a list that a mailer's word wrap tore
// apart: a line that is no content line, behind one of a date list that ends
// in a comma. It marks the line as a fold; to guess is opt-in.
func qpWordwrapInValue() *Remedy {
	return &Remedy{
		ID:       "qp-wordwrap-in-value",
		Summary:  "join a list of dates or a rule that was broken into lines without the space of a fold",
		Why:      "A mail program wrapped the calendar like text. The value ends at the comma, the rest is not a property, and the meeting is shown as an ordinary message.",
		Source:   "tine20#4361; RFC 5545 §3.1",
		Profiles: []Profile{Standard},
		OptIn:    true,
		Facets:   FacetOccurrences,
		Stage:    Octets,
		Run: func(c *Object) {
			if !c.octetFacts().comma {
				return
			}
			after, joined := joinLists(c.Octets)
			if joined > 0 && c.Found(partFound(Error, "", strconv.Itoa(joined)+" lines broken out of a list", "")) {
				c.Octets = after
			}
		},
	}
}

// joinLists puts a blank before each line that continues a list.
func joinLists(text []byte) (out []byte, joined int) {
	list := false // the line before belongs to a list and ends in a comma
	inside := false
	for line := range bytes.Lines(text) {
		body := bytes.TrimRight(line, "\r\n")
		switch {
		case len(body) > 0 && (body[0] == ' ' || body[0] == '\t'):
		case list && len(body) > 0 && !namesProperty(body):
			joined++
			out = append(out, ' ')
		default:
			inside = holdsList(body)
		}
		out = append(out, line...)
		list = inside && bytes.HasSuffix(body, []byte(","))
	}
	return out, joined
}

func holdsList(line []byte) bool {
	for _, name := range []string{"RDATE", "EXDATE", "RRULE"} {
		if n := len(name); len(line) > n && bytes.EqualFold(line[:n], []byte(name)) && (line[n] == ':' || line[n] == ';') {
			return true
		}
	}
	return false
}

// namesProperty reports whether a line starts like a content line.
func namesProperty(line []byte) bool {
	for i, c := range line {
		switch {
		case c == ':' || c == ';':
			return i > 0
		case c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z'):
			return false
		}
	}
	return false
}
