package remedy

import (
	"bytes"
	"strconv"
)

// qpDamage takes out the empty lines of a quoted-printable part whose line
// ends were both encoded and written: each line then ends twice.
func qpDamage() *Remedy {
	return &Remedy{
		ID:       "qp-damage",
		Summary:  "remove line ends that quoted-printable doubled",
		Why:      "A mail program encoded each line end as =0D=0A and then ended the line as well. Every second line is empty, folded lines are broken, and receivers see empty properties.",
		Source:   "nextcloud/mail issue 703",
		Profiles: []Profile{Standard},
		Stage:    Octets,
		Run: func(c *Object) {
			if c.Part.Encoding != "quoted-printable" {
				return
			}
			after, lines := halveLineEnds(c.Octets)
			if lines == 0 {
				return
			}
			f := partFound(Error, "Content-Transfer-Encoding", strconv.Itoa(lines)+" line ends doubled", "")
			if c.Found(f) {
				c.Octets = after
			}
		},
	}
}

// halveLineEnds returns the text without the empty line after each line, and
// how many there were. A text in which any line is followed by none, or by
// more than one, is left alone: its empty lines are something else.
func halveLineEnds(text []byte) ([]byte, int) {
	text, last := bytes.CutSuffix(text, []byte("\r\n"))
	text = bytes.TrimSuffix(text, []byte("\r\n"))
	lines := bytes.Count(text, []byte("\r\n\r\n"))
	if lines < 3 || bytes.Count(text, []byte("\n")) != 2*lines || bytes.Contains(text, []byte("\r\n\r\n\r\n")) {
		return nil, 0
	}
	out := bytes.ReplaceAll(text, []byte("\r\n\r\n"), []byte("\r\n"))
	if last {
		out = append(out, "\r\n"...)
	}
	return out, lines
}
