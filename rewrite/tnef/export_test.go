package tnef

// RTFContent gives what a piece of RTF says, as Body finds it.
func RTFContent(rtf []byte) (text, html string, err error) {
	mode := rtfOrigin(rtf)
	if mode == rtfFromHTML {
		if html, err = rtfContent(rtf, rtfFromHTML); err != nil {
			return "", "", err
		}
		mode = rtfPlain
	}
	text, err = rtfContent(rtf, mode)
	return text, html, err
}

// ExpandRTF gives the RTF of PidTagRtfCompressed.
func ExpandRTF(b []byte, max int) ([]byte, string, error) { return expandRTF(b, max) }

// HTMLText gives the text of HTML.
func HTMLText(b []byte) string { return htmlText(b) }

// ReadProps reads a property list on its own.
func ReadProps(b []byte, page int) (Props, error) {
	lim := Limits{}.withDefaults()
	r := reader{values: lim.Properties, depth: lim.Depth, expansion: lim.Expansion}
	d := decoder{reader: &r, m: new(Message), page: codepage(page)}
	return d.list(&cursor{b: b})
}

// WriteProps writes a property list on its own.
func WriteProps(p Props, page int) []byte {
	w := writer{page: codepage(page)}
	w.list(p)
	return w.b
}
