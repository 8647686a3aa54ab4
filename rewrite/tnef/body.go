package tnef

import (
	"errors"
	"strings"
)

// Body returns the text of the message as plain text with LF line ends and as HTML,
// both in UTF-8. Either may be empty. The HTML is that of the message or the one
// that its RTF encapsulates; its meta element may still name another character set.
// The text is that of the message, of the RTF, or of the HTML.
func (m *Message) Body() (text string, html []byte) {
	page, _ := m.Props.Get(PidTagInternetCodepage).Int()
	if page <= 0 {
		page = int64(m.Codepage)
	}
	prop := m.Props.Get(PidTagHTML)
	if b, ok := prop.Bytes(); ok {
		// Read has seen to it that it can be decoded.
		s, _ := codepage(page).decode(trimNUL(b))
		html = []byte(s)
	} else if s, ok := prop.Text(); ok {
		html = []byte(s)
	}
	text, _ = m.Props.Get(PidTagBody).Text()

	rtf := m.rtf
	if rtf == nil {
		rtf = new(rendered)
		if b, ok := m.Props.Get(PidTagRtfCompressed).Bytes(); ok {
			*rtf, _, _ = render(b, Limits{}.withDefaults().Expansion)
		}
	}
	if len(html) == 0 {
		html = []byte(rtf.html)
	}
	if strings.TrimSpace(text) == "" {
		text = rtf.text
	}
	if strings.TrimSpace(text) == "" {
		text = htmlText(html)
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), html
}

// rendered is the content of compressed RTF.
type rendered struct {
	text, html string
	size       int // of the RTF
}

// render expands RTF and takes the text and the HTML from it.
func render(b []byte, max int) (r rendered, warning string, err error) {
	rtf, warning, err := expandRTF(b, max)
	r.size = len(rtf) // also of one that cannot be read: it took its time
	if err != nil {
		return r, warning, err
	}
	mode := rtfOrigin(rtf)
	if mode == rtfFromHTML {
		if r.html, err = rtfContent(rtf, rtfFromHTML); err != nil {
			return r, warning, err
		}
		mode = rtfPlain
	}
	r.text, err = rtfContent(rtf, mode)
	r.text = strings.TrimRight(r.text, " \t\n")
	return r, warning, err
}

// expand takes text and HTML from the RTF of the message, and checks that the
// message's own HTML can be decoded. RTF that cannot be read loses only the
// form when there is a text beside it, and everything when there is none.
func (d *decoder) expand() error {
	m := d.m
	if b, ok := m.Props.Get(PidTagHTML).Bytes(); ok {
		page, _ := m.Props.Get(PidTagInternetCodepage).Int()
		if page <= 0 {
			page = int64(m.Codepage)
		}
		if _, err := codepage(page).decode(trimNUL(b)); err != nil {
			return err
		}
	}
	b, ok := m.Props.Get(PidTagRtfCompressed).Bytes()
	if !ok || len(b) == 0 {
		return nil
	}
	r, warning, err := render(b, d.expansion)
	d.expansion -= r.size
	m.rtf = &r
	if warning != "" {
		m.warn("%s", warning)
	}
	if err == nil {
		return nil
	}
	text, _ := m.Props.Get(PidTagBody).Text()
	if text == "" && m.Props.Get(PidTagHTML) == nil || errors.Is(err, ErrLimit) {
		return err
	}
	m.rtf = new(rendered)
	m.warn("the RTF cannot be read, the text beside it is used: %v", err)
	return nil
}

func trimNUL(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
