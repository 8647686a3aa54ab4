package tnef

// symbol takes a control symbol: a backslash and one octet.
func (w *rtfWalker) symbol(c byte) {
	switch c {
	case '\\', '{', '}':
		w.text([]byte{c})
	case '~':
		w.special("\u00a0", "&nbsp;")
	case '_':
		w.special("\u2011", "&#8209;")
	case '-':
		w.special("", "&shy;")
	case '\r', '\n':
		w.newline()
	case '\t':
		w.put("\t")
	case '*':
		w.g.star = true
	}
}

// word takes a control word. star says that \* stood before it: then a reader
// that does not know the word skips the group.
func (w *rtfWalker) word(t rtfToken, star bool) {
	name := string(t.bytes)
	if w.destination(name, star) {
		return
	}
	switch w.g.dest {
	case rtfTable:
		w.fonts.entry(t)
		return
	case rtfSkip:
		return
	}
	switch name {
	case "u":
		w.unicode(t.num)
	case "uc":
		w.g.uc = min(max(t.num, 0), 16)
	case "f":
		w.flush()
		w.g.font = t.num
	case "plain":
		w.flush()
		w.g.font, w.g.hidden = w.fonts.first, false
	case "deff":
		w.flush()
		w.fonts.first, w.g.font = t.num, t.num
	case "htmlrtf":
		w.flush()
		w.g.htmlrtf = !t.given || t.num != 0
	case "v":
		w.flush()
		w.g.hidden = !t.given || t.num != 0
	case "par", "line", "sect", "page", "row":
		w.newline()
	case "tab", "cell", "nestcell":
		w.put("\t")
	default:
		if s, ok := rtfCharacters[name]; ok {
			w.special(s.text, s.html)
			return
		}
		w.fonts.header(t)
	}
}

// destination handles the control words that set the destination of a group's text.
func (w *rtfWalker) destination(name string, star bool) bool {
	if w.g.dest == rtfSkip {
		return true
	}
	dest := w.g.dest
	switch name {
	case "htmltag":
		dest = rtfTag
	case "fldinst":
		dest = rtfInst
	case "fonttbl":
		dest = rtfTable
	case "field":
		w.flush()
		w.g.field, w.g.from = true, len(w.out)
		return true
	case "pntext", "listtext":
		if w.mode != rtfFromHTML {
			return true
		}
		dest = rtfSkip
	case "colortbl", "stylesheet", "info", "pict", "mhtmltag",
		"header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf":
		dest = rtfSkip
	default:
		if !star {
			return false
		}
		dest = rtfSkip
	}
	w.flush()
	w.g.dest = dest
	return true
}

func (w *rtfWalker) newline() {
	if w.mode == rtfFromHTML {
		w.put("\r\n")
		return
	}
	w.put("\n")
}

// special writes a character that RTF has a control for. Content keeps it as
// an entity ([MS-OXRTFEX] §2.1.3.1.4.2), so that it survives any code page.
func (w *rtfWalker) special(text, html string) {
	if w.mode == rtfFromHTML {
		text = html
	}
	w.put(text)
}

var rtfCharacters = map[string]struct{ text, html string }{
	"lquote":    {"‘", "&lsquo;"},
	"rquote":    {"’", "&rsquo;"},
	"ldblquote": {"“", "&ldquo;"},
	"rdblquote": {"”", "&rdquo;"},
	"bullet":    {"•", "&bull;"},
	"endash":    {"–", "&ndash;"},
	"emdash":    {"—", "&mdash;"},
	"enspace":   {"\u2002", "&ensp;"},
	"emspace":   {"\u2003", "&emsp;"},
	"qmspace":   {"\u2005", "&#8197;"},
	"zwj":       {"\u200d", "&zwj;"},
	"zwnj":      {"\u200c", "&zwnj;"},
	"ltrmark":   {"\u200e", "&lrm;"},
	"rtlmark":   {"\u200f", "&rlm;"},
}
