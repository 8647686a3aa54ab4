package tnef_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// 20 MB, most of it in attachments: nothing of them may be copied.
func BenchmarkReadAttachments(b *testing.B) {
	m := &tnef.Message{Class: "IPM.Schedule.Meeting.Request", Codepage: 1252}
	for range 4 {
		m.Attachments = append(m.Attachments, tnef.Attachment{Name: "slides.pptx", Data: bytes.Repeat([]byte("slide"), 1<<20)})
	}
	benchmark(b, m)
}

// 20 MB of properties, and of RTF with HTML in it.
func BenchmarkReadProperties(b *testing.B) {
	m := &tnef.Message{Class: "IPM.Note", Codepage: 1252}
	for i := range 10_000 {
		m.Recipients = append(m.Recipients, tnef.Props{
			{ID: 0x3001, Value: strings.Repeat("Name ", 50)}, {ID: 0x0C15, Value: int32(1)},
			{ID: 0x39FE, Type: tnef.TypeString8, Value: strings.Repeat("a", 200+i%5) + "@x.example"},
			{ID: 0x0FF6, Value: bytes.Repeat([]byte{1}, 1000)},
		})
	}
	benchmark(b, m)
}

func BenchmarkReadRTF(b *testing.B) {
	rtf := `{\rtf1\ansi\ansicpg1252\fromhtml1 ` + strings.Repeat(`{\*\htmltag64 <p>}\'e9t\'e9 of {\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 \u1078?{\*\htmltag72 </p>}\htmlrtf\par\htmlrtf0`+"\r\n", 160_000) + "}"
	benchmark(b, &tnef.Message{Class: "IPM.Note", Codepage: 1252, Props: tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: rawRTF(rtf)}}})
}

func benchmark(b *testing.B, m *tnef.Message) {
	stream := tnef.Write(m)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := tnef.Read(stream, tnef.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		m.Body()
	}
}
