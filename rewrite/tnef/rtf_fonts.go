package tnef

// rtfFonts has the code page of each font of an RTF text. The font table precedes
// the text.
type rtfFonts struct {
	ansi  codepage // \ansicpg
	first int      // \deff
	pages map[int]codepage
	cur   int // the font the table is describing
}

// maxFonts bounds the table; real ones have a few hundred fonts at most.
const maxFonts = 10_000

// page gives the code page of a font.
func (f *rtfFonts) page(font int) codepage {
	if p, ok := f.pages[font]; ok && p != 0 {
		return p
	}
	return f.ansi
}

// header notes a control word of the header that sets the code page.
func (f *rtfFonts) header(t rtfToken) {
	switch string(t.bytes) {
	case "mac":
		f.ansi = 10000
	case "pc":
		f.ansi = 437
	case "pca":
		f.ansi = 850
	case "ansicpg":
		if t.num > 0 {
			f.ansi = codepage(t.num)
		}
	}
}

// entry notes a control word of the font table.
func (f *rtfFonts) entry(t rtfToken) {
	if f.pages == nil {
		f.pages = make(map[int]codepage)
	}
	switch string(t.bytes) {
	case "f":
		f.cur = t.num
	case "fcharset":
		if _, known := f.pages[f.cur]; known || len(f.pages) < maxFonts {
			f.pages[f.cur] = charsetPage(t.num)
		}
	case "cpg":
		if _, known := f.pages[f.cur]; known || len(f.pages) < maxFonts {
			f.pages[f.cur] = codepage(t.num)
		}
	}
}

// charsetPage gives the code page of a Windows character set, 0 for those
// that follow the document.
func charsetPage(charset int) codepage {
	switch charset {
	case 0:
		return 1252
	case 77:
		return 10000
	case 128:
		return 932
	case 129:
		return 949
	case 134:
		return 936
	case 136:
		return 950
	case 161:
		return 1253
	case 162:
		return 1254
	case 163:
		return 1258
	case 177:
		return 1255
	case 178:
		return 1256
	case 186:
		return 1257
	case 204:
		return 1251
	case 222:
		return 874
	case 238:
		return 1250
	case 254:
		return 437
	case 255:
		return 850
	}
	return 0
}
