package nexthop

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestReadReply(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     reply
		err      error
	}{
		{"one line", "250 2.1.0 ok\r\n", reply{250, [3]int{2, 1, 0}, []string{"ok"}}, nil},
		{"code only", "250\r\n", reply{250, [3]int{}, []string{""}}, nil},
		{"enhanced code only", "250 2.0.0\r\n", reply{250, [3]int{2, 0, 0}, []string{""}}, nil},
		{"several", "550-5.1.1 a\r\n550-b\r\n550 5.1.1 c\r\n", reply{550, [3]int{5, 1, 1}, []string{"a", "b", "c"}}, nil},
		{"empty lines", "250-\r\n250 \r\n", reply{250, [3]int{}, []string{"", ""}}, nil},
		{"bare LF", "250-a\n250 b\n", reply{250, [3]int{}, []string{"a", "b"}}, nil},
		{"three digits", "554 5.703.120 x\r\n", reply{554, [3]int{5, 703, 120}, []string{"x"}}, nil},
		{"class contradicts", "550 2.1.1 no\r\n", reply{550, [3]int{}, []string{"2.1.1 no"}}, nil},
		{"a version is no code", "250 2.1 of it\r\n", reply{250, [3]int{}, []string{"2.1 of it"}}, nil},
		{"an address is no code", "250 2.1.1.1 ok\r\n", reply{250, [3]int{}, []string{"2.1.1.1 ok"}}, nil},
		{"four digits", "550 5.1.1234 no\r\n", reply{550, [3]int{}, []string{"5.1.1234 no"}}, nil},
		{"controls", "550 a\x1b[31mb\x00c\td\x7f\r\n", reply{550, [3]int{}, []string{"a?[31mb?c d?"}}, nil},
		{"a CR inside", "550 a\rb\r\n", reply{550, [3]int{}, []string{"a?b"}}, nil},
		{"UTF-8", "550 nicht möglich\u202e\u0085\r\n", reply{550, [3]int{}, []string{"nicht möglich??"}}, nil},
		{"Latin-1", "550 nicht m\xf6glich\r\n", reply{550, [3]int{}, []string{"nicht m?glich"}}, nil},
		{"codes differ", "250-a\r\n251 b\r\n", reply{}, errReply},
		{"no code", "hello\r\n", reply{}, errReply},
		{"short", "25\r\n", reply{}, errReply},
		{"1yz", "150 a\r\n", reply{}, errReply},
		{"6yz", "650 a\r\n", reply{}, errReply},
		{"no separator", "250ok\r\n", reply{}, errReply},
		{"end in a line", "250 o", reply{}, io.EOF},
		{"end between lines", "250-a\r\n", reply{}, io.EOF},
		{"longest line", "250 " + strings.Repeat("x", maxReplyLine-6) + "\r\n", reply{250, [3]int{}, []string{strings.Repeat("x", maxReplyLine-6)}}, nil},
		{"line too long", "250 " + strings.Repeat("x", maxReplyLine-5) + "\r\n", reply{}, errReply},
		{"line without end", strings.Repeat("x", 1<<20), reply{}, errReply},
		{"too many lines", strings.Repeat("250-a\r\n", maxReplyLines) + "250 a\r\n", reply{}, errReply},
		{"too many octets", strings.Repeat("250-"+strings.Repeat("x", 1900)+"\r\n", 40) + "250 a\r\n", reply{}, errReply},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readReply(bufio.NewReaderSize(strings.NewReader(tt.in), 2*maxReplyLine))
			if !errors.Is(err, tt.err) || got.code != tt.want.code || got.enhanced != tt.want.enhanced || !slices.Equal(got.text, tt.want.text) {
				t.Errorf("got %v, %v\nwant %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// Nothing that a stranger says gets through unclean or unbounded, and what is
// understood is understood in the same way when it is written again.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"250 ok\r\n", "250-a\r\n250 b\r\n", "550 5.1.1 no\r\n", "421\r\n", "250-\n250 \n", "554 5.7.1.2 x\r\n",
		"550 \x1b[0m\u202e\xff\r\n", "250-a\r\n550 b\r\n", "25", "\r\n", "334 VXNlcm5hbWU6\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		br := bufio.NewReaderSize(bytes.NewReader(in), 2*maxReplyLine)
		r, err := readReply(br)
		if err != nil {
			if r.code != 0 || r.text != nil {
				t.Fatalf("a reply beside the error: %v", r)
			}
			return
		}
		if r.code < 200 || r.code > 599 || len(r.text) == 0 || len(r.text) > maxReplyLines {
			t.Fatalf("%v", r)
		}
		var again strings.Builder
		for i, line := range r.text {
			if !utf8.ValidString(line) || strings.ContainsFunc(line, func(c rune) bool { return !unicode.IsPrint(c) }) {
				t.Fatalf("unclean: %q", line)
			}
			sep := "-"
			if i == len(r.text)-1 {
				sep = " "
			}
			again.WriteString(reply{code: r.code}.words()[:3] + sep + line + "\r\n")
		}
		if again.Len() > maxReplyOctets {
			return // question marks of the cleaning cannot make it longer; sums of short lines can
		}
		second, err := readReply(bufio.NewReaderSize(strings.NewReader(again.String()), 2*maxReplyLine))
		if err != nil && !errors.Is(err, errReply) {
			t.Fatalf("%v on reading %q again", err, again.String())
		}
		if err == nil && second.code != r.code {
			t.Fatalf("%v became %v", r, second)
		}
	})
}
