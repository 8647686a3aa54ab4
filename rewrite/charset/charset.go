// Package charset finds the decoder of a character set by the names that mail uses:
// those of IANA and WHATWG, of Windows, DOS, the Mac, Java and IBM.
//
// It never guesses: for a name that does not certainly mean a supported set there is
// no decoder, and the caller leaves the text alone.
package charset

import (
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// maxName is longer than any name that is known.
const maxName = 64

// clean is a name as it is compared: lower case, without blanks and quotes
// around it, and without the language of RFC 2231 §5.
func clean(name string) string {
	if len(name) > maxName {
		return ""
	}
	name, _, _ = strings.Cut(name, "*")
	return strings.ToLower(strings.Trim(name, " \t\"'"))
}

// Lookup returns the encoding of that name, nil when it is not supported. ISO-8859-1
// means windows-1252, and so on, as in the WHATWG registry and in practice in mail.
func Lookup(name string) encoding.Encoding {
	switch name = clean(name); name {
	case "":
		return nil
	case "utf-8": // nearly all of mail
		return unicode.UTF8
	}
	if enc := byAlias(joined(name)); enc != nil {
		return enc
	}
	if enc, err := htmlindex.Get(name); err == nil {
		switch enc {
		case encoding.Replacement:
			return nil // WHATWG refuses to read it
		case charmap.XUserDefined:
			return nil
		}
		return enc
	}
	if enc := byNumber(name); enc != nil {
		return enc
	}
	if enc, err := ianaindex.IANA.Encoding(name); err == nil {
		return enc // nil for one that is known and cannot be read
	}
	return nil
}

// joined is a name without hyphens, underscores and blanks.
func joined(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '_', '-', ' ':
			return -1
		}
		return r
	}, name)
}

// ExtendsASCII reports whether an octet below 128 is always the ASCII character, or
// part of one that starts with an octet above. It is false without an encoding.
func ExtendsASCII(enc encoding.Encoding) bool {
	switch enc {
	case nil, UTF7, japanese.ISO2022JP, simplifiedchinese.HZGB2312:
		return false
	}
	return !isUTF16(enc) && !isEBCDIC(enc)
}

func isEBCDIC(enc encoding.Encoding) bool {
	return enc == charmap.CodePage037 || enc == charmap.CodePage1047 || enc == charmap.CodePage1140
}

// isUTF16 reports whether an encoding is UTF-16, by the encoding of one letter:
// there are several of them.
func isUTF16(enc encoding.Encoding) bool {
	b, err := enc.NewEncoder().Bytes([]byte("a"))
	return err == nil && len(b) > 1
}

// IsUTF8 reports whether a name means UTF-8.
func IsUTF8(name string) bool { return Lookup(name) == unicode.UTF8 }

// IsASCII reports whether a name means US-ASCII (RFC 2046 §4.1.2), the default of
// text without a name.
func IsASCII(name string) bool {
	switch clean(name) {
	case "us-ascii", "ascii", "us", "646", "iso646-us", "iso_646.irv:1991", "iso-ir-6", "ansi_x3.4-1968", "ansi_x3.4-1986",
		"csascii", "cp367", "ibm367", "cp20127", "windows-20127", "usascii", "us_ascii", "ascii7", "default-ascii":
		return true
	}
	return false
}

// IsUnspecified reports whether a name means that the character set is not known
// (RFC 1428 §3).
func IsUnspecified(name string) bool {
	switch clean(name) {
	case "unknown", "x-unknown", "unknown-8bit", "x-unknown-8bit", "unknown8bit", "default", "x-default", "none", "null", "8bit", "binary":
		return true
	}
	return false
}

// byAlias returns the encoding of names that the registries lack, written without
// hyphens, underscores and blanks.
func byAlias(key string) encoding.Encoding {
	switch key {
	case "utf7", "unicode11utf7", "csunicode11utf7", "unicode20utf7", "xunicode20utf7", "csutf7", "xutf7", "cp65000", "windows65000", "65000":
		return UTF7
	case "utf8", "xutf8", "utf8mb3", "utf8mb4", "utf8sig", "utf8bom", "csutf8", "unicode11utf8", "unicode20utf8", "xunicode20utf8", "cp65001", "windows65001", "65001":
		return unicode.UTF8
	case "sjis", "shiftjis", "xshiftjis", "sjiswin", "windows31j", "cswindows31j", "mskanji", "xmscp932", "xsjiscp932":
		return japanese.ShiftJIS
	case "eucjp", "xeucjp", "eucjpwin", "eucjpms", "xeucjpms":
		return japanese.EUCJP
	case "jis", "iso2022jp", "iso2022jpms", "xwindowsiso2022jp":
		return japanese.ISO2022JP
	case "euckr", "uhc", "xuhc", "windows949ko":
		return korean.EUCKR
	case "euccn", "xeuccn", "gb2312", "xgb2312", "gbk", "xgbk", "gb231280":
		return simplifiedchinese.GBK
	case "gb18030", "xgb18030", "gb180302000", "gb180302005", "gb180302022":
		return simplifiedchinese.GB18030
	case "hzgb2312", "hz", "xhz", "hzgb":
		return simplifiedchinese.HZGB2312
	case "big5", "xbig5", "xxbig5", "big5eten", "xbig5eten", "big5hkscs", "xbig5hkscs", "big5hkscs2001", "xbig5hkscs2001", "big5hkscs2004", "big5hkscs2008":
		return traditionalchinese.Big5
	case "tis620", "xtis620", "tis62025331":
		return charmap.Windows874
	case "macroman", "xmacroman", "appleroman", "xmac", "xmacintosh", "xappleroman":
		return charmap.Macintosh
	case "maccyrillic", "xmaccyrillic", "macukrainian", "xmacukrainian", "xmacukraine", "macukraine":
		return charmap.MacintoshCyrillic
	case "koi8", "koi8r", "xkoi8r":
		return charmap.KOI8R
	case "koi8u", "xkoi8u", "koi8ru":
		return charmap.KOI8U
	case "latin9", "latin0", "isolatin9":
		return charmap.ISO8859_15
	case "latin10", "isolatin10":
		return charmap.ISO8859_16
	}
	return iso8859(key)
}

// iso8859 returns the encoding of spellings such as Java's 8859_15 for ISO-8859-15.
func iso8859(key string) encoding.Encoding {
	key = strings.TrimPrefix(strings.TrimPrefix(key, "x"), "iso")
	if n, ok := strings.CutPrefix(key, "8859"); ok && len(n) > 0 && len(n) <= 2 {
		if enc, err := htmlindex.Get("iso-8859-" + n); err == nil {
			return enc
		}
	}
	return nil
}

// vendors are the words before the number of a code page.
var vendors = []string{"cp", "ms", "mscp", "windows", "win", "codepage", "oem", "dos", "msdos", "pc", "ccsid", "mswin", ""}

// byNumber returns the encoding of names such as cp932, ms949, x-windows-950,
// win-1251 and IBM00858.
func byNumber(name string) encoding.Encoding {
	digits := len(name)
	for digits > 0 && '0' <= name[digits-1] && name[digits-1] <= '9' {
		digits--
	}
	number, err := strconv.Atoi(name[digits:])
	if err != nil || number < 100 {
		return nil
	}
	if 28591 <= number && number <= 28606 {
		return iso8859("8859" + strconv.Itoa(number-28590))
	}
	word := joined(name[:digits])
	word = strings.TrimPrefix(word, "x")
	if word == "ibm" || word == "csibm" || word == "cpibm" {
		return ibm(number)
	}
	for _, v := range vendors {
		if word == v {
			return CodePage(number)
		}
	}
	return nil
}

// ibm returns the code pages that are the same at IBM as at Microsoft. Those of
// several octets are not.
func ibm(number int) encoding.Encoding {
	switch number {
	case 437, 850, 852, 855, 858, 860, 862, 863, 865, 866:
		return CodePage(number)
	case 819:
		return charmap.Windows1252 // ISO-8859-1
	}
	return nil
}
