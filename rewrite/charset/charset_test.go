package charset

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// TestLookup has the names that mailers of Windows, DOS, the Mac, Java and IBM
// write.
func TestLookup(t *testing.T) {
	for names, want := range map[string]encoding.Encoding{
		"cp932 CP932 ms932 MS-932 windows-932 windows-31j csWindows31J x-sjis sjis shift_jis Shift-JIS SJIS-win ms_kanji x-ms-cp932 932": japanese.ShiftJIS,
		"euc-jp x-euc-jp eucJP-win EUC_JP cp51932":                                                        japanese.EUCJP,
		"iso-2022-jp cp50220 cp50221 x-windows-50221 ISO-2022-JP-MS jis":                                  japanese.ISO2022JP,
		"cp936 ms936 MS936 windows-936 x-mswin-936 gbk x-gbk gb2312 GB_2312-80 euc-cn":                    simplifiedchinese.GBK,
		"gb18030 cp54936 gb18030-2022":                                                                    simplifiedchinese.GB18030,
		"hz-gb-2312 hz cp52936":                                                                           simplifiedchinese.HZGB2312,
		"cp949 ms949 x-windows-949 windows-949 uhc ks_c_5601-1987 euc-kr EUC_KR cp51949":                  korean.EUCKR,
		"cp950 ms950 x-windows-950 windows-950 big5 Big5-HKSCS Big5_HKSCS x-big5-hkscs cn-big5 big5hkscs": traditionalchinese.Big5,
		"cp850 ibm850 IBM-850 ibm00850 dos-850 850 x-cp850":                                               charmap.CodePage850,
		"cp437 ibm437 IBM437 oem437 x-IBM437":                                                             charmap.CodePage437,
		"cp852 ibm852 IBM852 ms-dos-852":                                                                  charmap.CodePage852,
		"cp858 ibm858 IBM00858 CCSID00858 cp00858":                                                        charmap.CodePage858,
		"cp855 IBM855": charmap.CodePage855, "cp862 ibm862": charmap.CodePage862, "cp866 ibm866 866": charmap.CodePage866,
		"cp1252 windows-1252 win-1252 win1252 x-cp1252 windows_1252 Cp1252 iso-8859-1 ISO8859_1 8859_1 latin1 ibm819 cp819 cp28591 x-iso-8859-1": nil,
		"cp1251 windows-1251 win1251 ms-1251":                                          charmap.Windows1251,
		"iso-8859-15 ISO8859_15 8859_15 latin9 latin-9 cp28605":                        charmap.ISO8859_15,
		"iso-8859-2 ISO8859_2 8859-2 latin2":                                           charmap.ISO8859_2,
		"cp874 ms874 x-windows-874 windows-874 tis-620 TIS620":                         charmap.Windows874,
		"mac macintosh x-mac-roman MacRoman x-MacRoman cp10000":                        charmap.Macintosh,
		"x-mac-cyrillic x-MacCyrillic x-mac-ukrainian cp10007":                         charmap.MacintoshCyrillic,
		"koi8-r koi8 koi8_r KOI8R cp20866":                                             charmap.KOI8R,
		"koi8-u koi8-ru cp21866":                                                       charmap.KOI8U,
		"utf-7 UTF7 unicode-1-1-utf-7 cp65000 x-utf-7":                                 UTF7,
		"utf-8 UTF8 utf_8 utf8mb4 cp65001 unicode-1-1-utf-8 utf-8*en \"utf-8\" utf-8 ": unicode.UTF8,
	} {
		if want == nil {
			want = charmap.Windows1252
		}
		for name := range strings.FieldsSeq(names) {
			if got := Lookup(name); got != want {
				t.Errorf("%s is %v, want %v", name, got, want)
			}
		}
	}
}

// TestUnknown has names that sound like one that is known.
func TestUnknown(t *testing.T) {
	for name := range strings.FieldsSeq("x-unknown unknown-8bit x-mac-greek x-mac-ce x-mac-japanese x-mac-turkish iso-2022-kr iso-2022-cn x-johab johab " +
		"ibm932 ibm943 ibm949 ibm1386 x-IBM33722 cp1 cp99999 cp720 koi8-t euc-tw shift_jisx0213 iso-8859-12 iso-8859-99 8859 x-user-defined windows " +
		"cp-932-x utf-9 " + strings.Repeat("x", 100)) {
		if got := Lookup(name); got != nil {
			t.Errorf("%s is read as %v", name, got)
		}
	}
	if Lookup("") != nil || Lookup("*en") != nil {
		t.Error("no name has an encoding")
	}
}

func TestUTF7(t *testing.T) {
	for in, want := range map[string]string{
		"Hi Mom +Jjo-!": "Hi Mom ☺!", "A+ImIDkQ.": "A≢Α.", "+ZeVnLIqe-": "日本語", "1 +- 1": "1 + 1", "+AOk": "é", "+AOk-+AOk-": "éé", "+AOkA6Q-": "éé", "+2DTdHg-x": "𝄞x", "": "",
		"a-b~c\\d": "a-b~c\\d",
	} {
		if got, err := UTF7.NewDecoder().String(in); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"+0100", "+0200\r\n", "+1", "+", "+\r\n", "+ x", "+AA-", "+AAA-", "+AAo-", "+AH8-", "+2DQ-", "+3R4-", "+2DTYNA-", "+AOkB-", "caf\xe9", "a+bcd@x.example", "tel:+4930123456"} {
		if got, err := UTF7.NewDecoder().String(in); err == nil {
			t.Errorf("%q was read as %q", in, got)
		}
	}
}

// FuzzUTF7 wants text that is valid, no longer than it can be, the same in
// pieces of any size, and no control that was not there.
func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"Hi Mom +Jjo-!", "+2DTdHg-", "+-", "+0100", "+AOk", "a\xff", strings.Repeat("+AOk-", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, err := UTF7.NewDecoder().String(in)
		if err != nil {
			return
		}
		if out != strings.ToValidUTF8(out, "") || len(out) > 3*len(in) {
			t.Errorf("%q became %q", in, out)
		}
		controls := func(s string) int { return strings.Count(s, "\r") + strings.Count(s, "\n") + strings.Count(s, "\x00") }
		if controls(in) != controls(out) {
			t.Errorf("%q hides control characters: %q", in, out)
		}
	})
}
