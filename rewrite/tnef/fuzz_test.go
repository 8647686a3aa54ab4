package tnef_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Small limits let the fuzzer reach them.
var fuzzLimits = tnef.Limits{Size: 1 << 16, Properties: 5000, Depth: 4, Expansion: 1 << 18}

// What Read takes, Write can say, and it reads the same again.
func FuzzRead(f *testing.F) {
	note := newStream().attr(1, tnef.AttMessageClass, "IPM.Note\x00")
	f.Add([]byte(note))
	f.Add([]byte(note.props(1, tnef.AttMsgProps, tnef.Prop{ID: 0x37, Value: "x"}, tnef.Prop{ID: tnef.PidTagRtfCompressed, Value: rawRTF(`{\rtf1 a}`)})))
	f.Add(tnef.Write(&tnef.Message{
		Codepage:    932,
		Recipients:  []tnef.Props{{{ID: 0x3001, Type: tnef.TypeString8, Value: "会議"}}},
		Attachments: []tnef.Attachment{{Name: "a", Data: []byte("x")}, {Embedded: &tnef.Message{Class: "IPM.Note"}}},
	}))
	if corpus() != "" {
		for _, b := range streams(f) {
			if len(b) < 10_000 {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := tnef.Read(b, fuzzLimits)
		if err != nil {
			return
		}
		m.Body()
		again, err := tnef.Read(tnef.Write(m), tnef.Limits{})
		if err != nil {
			t.Fatalf("our own stream is refused: %v", err)
		}
		third, err := tnef.Read(tnef.Write(again), tnef.Limits{})
		if err != nil {
			t.Fatalf("our own stream is refused: %v", err)
		}
		if diff := cmp.Diff(again, third, sameMessage); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzProps(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00"), 1252)
	f.Add(tnef.WriteProps(tnef.Props{
		{ID: 1, Value: int16(1)}, {ID: 2, Value: "a"}, {ID: 3, Value: []string{"b", "c"}}, {ID: 4, Value: [][]byte{{1}}},
		{ID: 5, Type: tnef.TypeString8, Value: "é"}, {ID: 0x8000, Named: &tnef.Name{Set: tnef.SetMeeting, Text: "n"}, Value: true},
		{ID: 6, Value: &tnef.Message{Class: "x"}},
	}, 1252), 1252)
	f.Fuzz(func(t *testing.T, b []byte, page int) {
		if page != 932 && page != 65001 && page != 50220 {
			page = 1252
		}
		props, err := tnef.ReadProps(b, page)
		if err != nil {
			return
		}
		again, err := tnef.ReadProps(tnef.WriteProps(props, page), page)
		if err != nil {
			t.Fatalf("our own list is refused: %v", err)
		}
		if len(again) != len(props) {
			t.Errorf("%d properties became %d", len(props), len(again))
		}
	})
}

func FuzzRTF(f *testing.F) {
	f.Add(unhex(f, lzfuHello))
	f.Add(unhex(f, lzfuCross))
	f.Add(rawRTF(`{\rtf1\ansi\ansicpg932\fromhtml1{\fonttbl{\f0\fcharset204 A;}}{\*\htmltag64 <p>}\f0\'e9\u1078?\htmlrtf x\htmlrtf0}`))
	f.Add(rawRTF(`{\rtf1{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt y}}\bin3 {{{\uc2\u-10179 ab\u-8674 cd}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		const most = 1 << 18
		rtf, _, err := tnef.ExpandRTF(b, most)
		if len(rtf) > most {
			t.Fatalf("%d octets", len(rtf))
		}
		if err != nil {
			rtf = b
		}
		text, html, err := tnef.RTFContent(rtf)
		// A control of six letters may become an entity of seven, and the
		// target of a link is written once per field.
		if err == nil && (len(text) > 4*len(rtf)+8 || len(html) > 4*len(rtf)+8) {
			t.Errorf("%d octets became %d and %d", len(rtf), len(text), len(html))
		}
		tnef.HTMLText([]byte(html))
		tnef.HTMLText(b)
	})
}
