package tnef_test

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// The two worked examples of [MS-OXRTFCP] §3.
const (
	lzfuHello = "2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235423" + "20af32068656c0900206277" + "05b06c647d0a800fa0"
	lzfuCross = "1a0000001c0000004c5a4675e2d44b5141000420575" + "8595a0d6e7d010eb0"
)

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rawRTF is PidTagRtfCompressed without compression.
func rawRTF(rtf string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(12+len(rtf)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(rtf)))
	b = append(b, "MELA\x00\x00\x00\x00"...)
	return append(b, rtf...)
}

func TestExpandRTF(t *testing.T) {
	hello := unhex(t, lzfuHello)
	edit := func(f func(b []byte) []byte) []byte { return f(append([]byte(nil), hello...)) }
	for _, c := range []struct {
		name, want, warning string
		in                  []byte
		err                 error
	}{
		{name: "hello", in: hello, want: "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{name: "reference into what it writes", in: unhex(t, lzfuCross), want: `{\rtf1 WXYZWXYZWXYZWXYZWXYZ}`},
		{name: "not compressed", in: rawRTF(`{\rtf1 x}`), want: `{\rtf1 x}`},
		{name: "wrong checksum", in: edit(func(b []byte) []byte { b[12]++; return b }),
			want: "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", warning: "the checksum of the compressed RTF is wrong"},
		{name: "octets after it", in: append(hello[:len(hello):len(hello)], "xyz"...), want: "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{name: "size counts a final NUL", in: edit(func(b []byte) []byte { b[4]++; return b }), want: "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
		{name: "ends too early", in: edit(func(b []byte) []byte { b[4] += 2; return b }), err: tnef.ErrTruncated},
		{name: "no header", in: hello[:15], err: tnef.ErrTruncated},
		{name: "cut", in: hello[:len(hello)-9], err: tnef.ErrTruncated},
		{name: "size below header", in: edit(func(b []byte) []byte { b[0] = 3; return b }), err: tnef.ErrTruncated},
		{name: "short content", in: edit(func(b []byte) []byte { b[4] = 0xFF; return b }), err: tnef.ErrTruncated},
		{name: "too large", in: edit(func(b []byte) []byte { b[7] = 0xFF; return b }), err: tnef.ErrLimit},
		{name: "unknown kind", in: edit(func(b []byte) []byte { b[8] = 'X'; return b }), err: tnef.ErrDamaged},
		{name: "not compressed and cut", in: append(rawRTF("x")[:4:4], append([]byte{9, 0, 0, 0}, rawRTF("x")[8:]...)...), err: tnef.ErrTruncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, warning, err := tnef.ExpandRTF(c.in, 1<<20)
			if !errors.Is(err, c.err) || c.err == nil && string(got) != c.want || warning != c.warning && err == nil {
				t.Errorf("got %q, %q, %v; want %q, %q, %v", got, warning, err, c.want, c.warning, c.err)
			}
		})
	}
}

func TestRTFContent(t *testing.T) {
	const from = `{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fmodern\fcharset204 Courier;}{\f2\fcharset128 MS;}}`
	for _, c := range []struct{ name, in, text, html string }{
		{"text", `{\rtf1\ansi a\par b\line\tab c}`, "a\nb\n\tc", ""},
		{"line ends are no text", "{\\rtf1 a\r\nb\\par\r\nc}", "ab\nc", ""},
		{"escapes", `{\rtf1 \{a\\b\}}`, `{a\b}`, ""},
		{"hex in the code page", `{\rtf1\ansi\ansicpg1251 \'cf\'f0}`, "Пр", ""},
		{"hex in the font's character set", `{\rtf1\ansi{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}\f0 \'e9\f1 \'e9\plain \'e9}`, "éйé", ""},
		{"two octets, half of it as it is", `{\rtf1\ansi{\fonttbl{\f0\fcharset128 A;}}\f0 \'83A\'82\'a0}`, "アあ", ""},
		{"unicode", `{\rtf1\uc1 \u1078?x\u-10179?\u-8674?}`, "жx😞", ""},
		{"unicode, two characters skipped", `{\rtf1\uc2 \u1078\'83Ax}`, "жx", ""},
		{"unicode, nothing skipped in a group", `{\rtf1{\uc0 \u1078 y}\u1079?z}`, "жyзz", ""},
		{"half a pair is dropped", `{\rtf1 a\u-10179?b}`, "ab", ""},
		{"characters", `{\rtf1 \lquote a\rquote\ldblquote b\rdblquote\~\endash\emdash\bullet}`, "‘a’“b”\u00a0–—•", ""},
		{"what is no text", `{\rtf1{\info{\title T}}{\*\generator G;}{\stylesheet{S;}}{\colortbl;\red0;}{\pict 00ff}a}`, "a", ""},
		{"binary", "{\\rtf1 a\\bin4 {{{{b}", "ab", ""},
		{"hidden", `{\rtf1 a{\v b}c\v d\v0 e}`, "ace", ""},
		{"link", `{\rtf1 {\field{\*\fldinst {HYPERLINK "https://x.example/j?a=1" \\o "t"}}{\fldrslt{\ul Join}}}.}`, "Join <https://x.example/j?a=1>.", ""},
		{"link that shows itself", `{\rtf1 {\field{\*\fldinst HYPERLINK mailto:a@x.example}{\fldrslt a@x.example}}}`, "a@x.example", ""},
		{"link into the text", `{\rtf1 {\field{\*\fldinst HYPERLINK \\l "b"}{\fldrslt there}}}`, "there", ""},
		{"other field", `{\rtf1 {\field{\*\fldinst PAGE}{\fldrslt 3}}}`, "3", ""},
		{"list", `{\rtf1 {\listtext\'b7\tab}item}`, "·\titem", ""},
		{"encapsulated text", `{\rtf1\ansi\fromtext\fbidi\deff0{\fonttbl{\f0 A;}}\htmlrtf no\htmlrtf0 a\par b}`, "a\nb", ""},
		{"html", from + `{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 a\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}}`, "a\n", "<p>a</p>"},
		{"entity", from + `{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 b}`, "<b", "&lt;b"},
		{"nbsp", from + `x{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 y}`, "x\u00a0y", "x&nbsp;y"},
		{"tag in the document's code page", from + `\f1 {\*\htmltag <p title="\'e9">}\'e9}`, "й", "<p title=\"é\">й"},
		{"line ends in tags", from + `{\*\htmltag0 \par <br>\tab}b\line c}`, "b\nc", "\r\n<br>\tb\r\nc"},
		{"quotes", from + `\ldblquote a\rdblquote\_\-}`, "“a”\u2011", "&ldquo;a&rdquo;&#8209;&shy;"},
		{"mhtmltag", from + `{\*\mhtmltag64 <a href="x">}{\*\htmltag64 <a href="y">}z}`, "z", `<a href="y">z`},
		{"htmlrtf ends with its group", from + `a{\htmlrtf b}c}`, "abc", "ac"},
		{"list in html", from + `{\*\htmltag64 <li>}{\pntext\'b7}a}`, "·a", "<li>a"},
		{"braces missing", `{\rtf1{\b a}}}}b{{{c`, "abc", ""},
		{"ends in a control", `{\rtf1 a\`, "a", ""},
		{"ends in hex", `{\rtf1 a\'4`, "a4", ""},
		{"huge number", `{\rtf1 \uc99999999999999999999 \u65? a\u66 0123456789abcdefg}`, "ABg", ""},
		{"no RTF", `plain`, "plain", ""},
		{"empty", ``, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, html, err := tnef.RTFContent([]byte(c.in))
			if err != nil || text != c.text || html != c.html {
				t.Errorf("got  %q, %q, %v\nwant %q, %q", text, html, err, c.text, c.html)
			}
		})
	}
}

func TestRTFRefused(t *testing.T) {
	for name, c := range map[string]struct {
		in  string
		err error
	}{
		"nesting":   {strings.Repeat("{", 1_000_000), tnef.ErrLimit},
		"code page": {`{\rtf1\ansi\ansicpg4711 \'e9}`, tnef.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := tnef.RTFContent([]byte(c.in)); !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
		})
	}
}

func TestHTMLText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "<html><head><title>T</title><style>p{}</style></head><body><p>a</p>\r\n<p>b<br>c</p></body>", "a\nb\nc"},
		{"white space", "<p>a\r\n  b <b>c</b>d</p>", "a b cd"},
		{"entities", "a&nbsp;&lt;&amp;&gt; &uuml;", "a\u00a0<&> ü"},
		{"link", `<a href="https://x.example/?a=1&amp;b=2">Join</a> now`, "Join <https://x.example/?a=1&b=2> now"},
		{"link that shows itself", `<a href='mailto:a@x.example'>a@x.example</a>`, "a@x.example"},
		{"link into the text", `<a href="#x">y</a>`, "y"},
		{"comment", "a<!-- <p>b -->c", "ac"},
		{"comment without end", "a<!-- b", "a"},
		{"tag without end", "a<b", "a"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{"list", "x<ul><li>a</li><li>b</li></ul>", "x\na\nb"},
		{"script", "<script>if (a<b) x='</p>'</script>c", "c"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := tnef.HTMLText([]byte(c.in)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
