package remedy

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// charsetRow is one line of a table about octets: charset is the parameter
// before, now the one after; "" means that it stays.
type charsetRow struct {
	name, charset, in string
	want, now         string
	found             int
	note              string
}

func charsetTable(t *testing.T, id string, rows []charsetRow) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			var c *Object
			out, findings := run(t, id, tt.in, func(of *Object) { c, of.Part.Charset = of, tt.charset })
			want, now := tt.want, tt.now
			if want == "" {
				want = tt.in
			}
			if now == "" {
				now = tt.charset
			}
			if out != want || c.Part.Charset != now {
				t.Errorf("got  %q, charset %q\nwant %q, charset %q", out, c.Part.Charset, want, now)
			}
			if len(findings) != tt.found {
				t.Fatalf("%d findings, want %d: %+v", len(findings), tt.found, findings)
			}
			if tt.found > 0 && !strings.Contains(findings[0].Note, tt.note) {
				t.Errorf("note %q", findings[0].Note)
			}
		})
	}
}

func TestCharsetMissing(t *testing.T) {
	charsetTable(t, "charset-missing", []charsetRow{
		{name: "UTF-8", in: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "UTF-8 with a fold inside a character", in: event("SUMMARY:caf\xc3\r\n \xa9"), now: "utf-8", found: 1},
		{name: "ASCII", in: event("SUMMARY:cafe")},
		{name: "not UTF-8", in: event("SUMMARY:caf\xe9")},
		{name: "named", in: event("SUMMARY:café"), charset: "UTF-8"},
		{name: "no calendar", in: "café"},
	})
	t.Run("file", func(t *testing.T) {
		if _, f := run(t, "charset-missing", event("SUMMARY:café"), func(c *Object) { c.Part.Bare = true }); len(f) > 0 {
			t.Errorf("a file has no charset parameter: %+v", f)
		}
	})
}

func TestCharsetWrong(t *testing.T) {
	charsetTable(t, "charset-wrong", []charsetRow{
		{name: "windows-1252 named UTF-8", charset: "utf-8", in: event("SUMMARY:caf\xe9 \x80"), want: event("SUMMARY:café €"), now: "utf-8", found: 1},
		{name: "windows-1252 without a name", in: event("SUMMARY:caf\xe9"), want: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "both in one text", charset: "utf-8", in: event("SUMMARY:é\xe9"), want: event("SUMMARY:éé"), now: "utf-8", found: 1},
		{name: "UTF-8 named ISO-8859-1", charset: "iso-8859-1", in: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "UTF-8 named ASCII", charset: "us-ascii", in: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "eight bits named ASCII", charset: "US-ASCII", in: event("SUMMARY:caf\xe9"), want: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "UTF-8 under an unknown name", charset: "x-unknown", in: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "ISO-2022-JP that nobody named", charset: "utf-8", in: event("SUMMARY:\x1b$B2q5D\x1b(B"), want: event("SUMMARY:会議"), now: "utf-8", found: 1},
		{name: "ISO-2022-KR", charset: "iso-2022-kr", in: event("SUMMARY:\x1b$)C\x0e0!\x0f"), found: 1, note: "escape sequences"},
		{name: "ISO-2022-CN without a name", in: event("SUMMARY:\x1b$)A\x0e0!\x0f"), found: 1, note: "escape sequences"},
		{name: "an unknown name", charset: "x-mac-greek", in: event("SUMMARY:caf\xe9"), found: 1, note: "no decoder for the character set x-mac-greek"},
		{name: "UTF-8, or so it seems, under a name that nobody knows", charset: "ibm943", in: event("SUMMARY:café"), found: 1, note: "no decoder"},
		{name: "a name that says nothing", charset: "x-unknown", in: event("SUMMARY:caf\xe9"), found: 1, note: "no decoder"},
		{name: "neither UTF-16 nor UTF-8", charset: "utf-16", in: event("SUMMARY:caf\xe9"), found: 1, note: "neither in utf-16 nor in"},
		{name: "UTF-8 named UTF-16", charset: "utf-16", in: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "UTF-8 by another name", charset: "utf_8", in: event("SUMMARY:café")},
		{name: "no Shift_JIS", charset: "cp932", in: event("SUMMARY:\xff\xfd")},
		{name: "folds inside characters are UTF-8", charset: "utf-8", in: event("SUMMARY:\xe2\r\n \x82\r\n\t\xac")},
		{name: "UTF-8", charset: "utf-8", in: event("SUMMARY:café")},
		{name: "ISO-8859-1", charset: "iso-8859-1", in: event("SUMMARY:caf\xe9")},
		{name: "ASCII", charset: "iso-8859-1", in: event("SUMMARY:cafe")},
		{name: "BEGIN with a parameter", charset: "utf-8", in: "BEGIN;X=1: VCALENDAR\r\nSUMMARY:caf\xe9\r\n", want: "BEGIN;X=1: VCALENDAR\r\nSUMMARY:café\r\n", now: "utf-8", found: 1},
		{name: "no calendar", charset: "utf-8", in: "caf\xe9"},
	})
}

func TestCharsetLegacy(t *testing.T) {
	const name = "SUMMARY:会議の予定を確認してください"
	jis, err := japanese.ISO2022JP.NewEncoder().String(event(name))
	if err != nil {
		t.Fatal(err)
	}
	sjis, err := japanese.ShiftJIS.NewEncoder().String(event(name))
	if err != nil {
		t.Fatal(err)
	}
	folded := sjis[:strings.Index(sjis, "SUMMARY:")+13] + "\r\n " + sjis[strings.Index(sjis, "SUMMARY:")+13:]
	charsetTable(t, "charset-legacy", []charsetRow{
		{name: "ISO-8859-1", charset: "ISO-8859-1", in: event("SUMMARY:caf\xe9"), want: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "windows-1251", charset: "windows-1251", in: event("SUMMARY:\xc2\xf1\xf2\xf0\xe5\xf7\xe0"), want: event("SUMMARY:Встреча"), now: "utf-8", found: 1},
		{name: "ISO-2022-JP", charset: "iso-2022-jp", in: jis, want: event(name), now: "utf-8", found: 1},
		{name: "Shift_JIS", charset: "shift_jis", in: sjis, want: event(name), now: "utf-8", found: 1},
		{name: "Shift_JIS folded inside a character", charset: "shift_jis", in: folded, want: event(name), now: "utf-8", found: 1},
		{name: "does not decode", charset: "shift_jis", in: event("SUMMARY:\xff\xfd"), found: 1, note: "does not decode"},
		{name: "UTF-7", charset: "utf-7", in: event("SUMMARY:caf+AOk- 1+-1 +2DTdHg-"), want: event("SUMMARY:café 1+1 𝄞"), now: "utf-8", found: 1},
		{name: "UTF-7 folded inside a character", charset: "UTF7", in: event("SUMMARY:caf+AO\r\n k-"), want: event("SUMMARY:café"), now: "utf-8", found: 1},
		{name: "no UTF-7", charset: "utf-7", in: event("TZOFFSETFROM:+0100"), found: 1, note: "does not decode"},
		{name: "an octet that windows-1253 lacks", charset: "windows-1253", in: event("SUMMARY:\xd2"), found: 1, note: "does not decode"},
		{name: "Chinese in seven bits", charset: "hz-gb-2312", in: event("SUMMARY:~{;aRi~}"), want: event("SUMMARY:会议"), now: "utf-8", found: 1},
		{name: "ASCII", charset: "iso-8859-1", in: event("SUMMARY:cafe")},
		{name: "UTF-8", charset: "utf-8", in: event("SUMMARY:café")},
		{name: "unknown", charset: "x-unknown", in: event("SUMMARY:caf\xe9")},
	})
}

func TestNulBytes(t *testing.T) {
	utf16 := func(e unicode.Endianness, b unicode.BOMPolicy, s string) string {
		out, err := unicode.UTF16(e, b).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	text := event("SUMMARY:café 𝄞")
	charsetTable(t, "nul-bytes", []charsetRow{
		{name: "UTF-16 with byte order mark", charset: "utf-16", in: utf16(unicode.LittleEndian, unicode.UseBOM, text), want: text, now: "utf-8", found: 1},
		{name: "UTF-16, big end first", in: utf16(unicode.BigEndian, unicode.UseBOM, text), want: text, now: "utf-8", found: 1},
		{name: "UTF-16LE without", charset: "utf-16le", in: utf16(unicode.LittleEndian, unicode.IgnoreBOM, text), want: text, now: "utf-8", found: 1},
		{name: "UTF-16BE without", charset: "utf-16be", in: utf16(unicode.BigEndian, unicode.IgnoreBOM, text), want: text, now: "utf-8", found: 1},
		{name: "padding", in: event("DTSTART;TZID=\"W. Europe Standard Time\x00\x00\":20260302T140000"), want: event("DTSTART;TZID=\"W. Europe Standard Time\":20260302T140000"), found: 1},
		{name: "half of an octet pair", in: utf16(unicode.LittleEndian, unicode.UseBOM, text) + "\x00", found: 1, note: "does not decode"},
		{name: "no calendar", in: "some\x00 text"},
		{name: "none", in: text},
	})
}

func TestBOM(t *testing.T) {
	text := event("SUMMARY:café")
	charsetTable(t, "bom", []charsetRow{
		{name: "one", in: "\xef\xbb\xbf" + text, want: text, found: 1},
		{name: "two", in: "\xef\xbb\xbf\xef\xbb\xbf" + text, want: text, found: 1},
		{name: "inside", in: event("SUMMARY:\ufeffx")},
		{name: "no calendar", in: "\xef\xbb\xbftext"},
	})
}

// FuzzOctets wants the remedies for octets to be done after one run, and a
// calendar whose character set they named to be in that set.
func FuzzOctets(f *testing.F) {
	charsets := []string{"", "utf-8", "iso-8859-1", "shift_jis", "iso-2022-jp", "utf-16", "us-ascii", "gb18030", "x-unknown", "utf-7", "cp949", "ibm943"}
	for n, s := range []string{"SUMMARY:café", "SUMMARY:caf\xc3\r\n \xa9", "SUMMARY:caf\xe9", "SUMMARY:\x83\x5c\r\n \x81", "SUMMARY:\x1b$B2q5D\x1b(B", "TZID:a\x00"} {
		f.Add([]byte(event(s)), uint8(n))
		f.Add([]byte("\xef\xbb\xbf"+event(s)), uint8(n))
	}
	octets := func(c *Object) {
		for _, r := range All() {
			if r.Stage == Octets {
				c.Do(r)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		c := corpusCase(text, Standard)
		c.Part = PartHeader{Charset: charsets[int(n)%len(charsets)]}
		octets(c)
		named := c.Part.Charset == "utf-8" && charsets[int(n)%len(charsets)] != "utf-8"
		if named && invalidOctets(c.Octets) > 0 {
			t.Errorf("named utf-8, but it is not: %q", c.Octets)
		}
		again := corpusCase(c.Octets, Standard)
		again.Part = c.Part
		octets(again)
		if string(again.Octets) != string(c.Octets) || again.Part != c.Part {
			t.Errorf("%q\nonce  %q %q\ntwice %q %q", text, c.Octets, c.Part.Charset, again.Octets, again.Part.Charset)
		}
	})
}
