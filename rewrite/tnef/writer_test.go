package tnef_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

var sameMessage = cmp.Options{
	cmpopts.IgnoreUnexported(tnef.Message{}, tnef.Attachment{}),
	cmpopts.IgnoreFields(tnef.Message{}, "Warnings"),
	cmp.Comparer(bytes.Equal), cmpopts.EquateNaNs(),
}

// What was read and written reads the same again: all real streams.
func TestWriteCorpus(t *testing.T) {
	for name, b := range streams(t) {
		t.Run(name, func(t *testing.T) {
			first, err := tnef.Read(b, tnef.Limits{})
			if err != nil {
				t.Skip(err)
			}
			again, err := tnef.Read(tnef.Write(first), tnef.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first, again, sameMessage); diff != "" {
				t.Error(diff)
			}
			if len(again.Warnings) > 0 {
				t.Errorf("warnings about our own stream: %q", again.Warnings)
			}
		})
	}
}

// Every type of value survives, alone and in lists.
func TestWriteTypes(t *testing.T) {
	when := time.Date(2026, 3, 29, 1, 30, 0, 123456700, time.UTC)
	early := time.Date(1601, 1, 1, 0, 0, 0, 100, time.UTC)
	inner := &tnef.Message{Class: "IPM.Note", Codepage: 1251, Props: tnef.Props{{Type: tnef.TypeString8, ID: 0x37, Value: "Встреча"}}}
	want := &tnef.Message{
		Class:      "IPM.Schedule.Meeting.Request",
		Codepage:   1252,
		Attributes: []tnef.Attribute{{ID: tnef.AttDateStart, Data: make([]byte, 14)}},
		Props: tnef.Props{
			{Type: tnef.TypeNull, ID: 1},
			{Type: tnef.TypeShort, ID: 2, Value: int16(-2)},
			{Type: tnef.TypeLong, ID: 3, Value: int32(-3)},
			{Type: tnef.TypeFloat, ID: 4, Value: float64(1.5)},
			{Type: tnef.TypeDouble, ID: 5, Value: -2.25},
			{Type: tnef.TypeCurrency, ID: 6, Value: int64(-1 << 62)},
			{Type: tnef.TypeAppTime, ID: 7, Value: 40000.5},
			{Type: tnef.TypeError, ID: 8, Value: int32(-2147024882)},
			{Type: tnef.TypeBool, ID: 9, Value: true},
			{Type: tnef.TypeBool, ID: 10, Value: false},
			{Type: tnef.TypeInt64, ID: 11, Value: int64(1 << 62)},
			{Type: tnef.TypeString8, ID: 12, Value: "Grüße"},
			{Type: tnef.TypeUnicode, ID: 13, Value: "会議 𝄞"},
			{Type: tnef.TypeTime, ID: 14, Value: when},
			{Type: tnef.TypeTime, ID: 15, Value: early},
			{Type: tnef.TypeGUID, ID: 16, Value: tnef.SetMeeting},
			{Type: tnef.TypeBinary, ID: 17, Value: []byte{1, 2, 3}},
			{Type: tnef.TypeObject, ID: 18, Value: append([]byte("0123456789abcdef"), 9)},
			{Type: tnef.TypeString8, ID: 19, Value: ""},
			{Type: tnef.TypeShort | tnef.MVFlag, ID: 20, Value: []int16{1, -1}},
			{Type: tnef.TypeLong | tnef.MVFlag, ID: 21, Value: []int32{2, -2}},
			{Type: tnef.TypeDouble | tnef.MVFlag, ID: 22, Value: []float64{0.5}},
			{Type: tnef.TypeFloat | tnef.MVFlag, ID: 23, Value: []float64{0.5, 0.25}},
			{Type: tnef.TypeInt64 | tnef.MVFlag, ID: 24, Value: []int64{3}},
			{Type: tnef.TypeTime | tnef.MVFlag, ID: 25, Value: []time.Time{when, early}},
			{Type: tnef.TypeString8 | tnef.MVFlag, ID: 26, Value: []string{"é", "", "abc"}},
			{Type: tnef.TypeUnicode | tnef.MVFlag, ID: 27, Value: []string{"ж", ""}},
			{Type: tnef.TypeGUID | tnef.MVFlag, ID: 28, Value: []tnef.GUID{tnef.SetTask, tnef.SetCommon}},
			{Type: tnef.TypeBinary | tnef.MVFlag, ID: 29, Value: [][]byte{{1}, {}, {1, 2, 3, 4, 5}}},
			{Type: tnef.TypeBool, ID: 0x8000, Named: &tnef.Name{Set: tnef.SetAppointment, LID: 0x8215}, Value: true},
			{Type: tnef.TypeUnicode, ID: 0x8000, Named: &tnef.Name{Set: tnef.SetHeaders, Text: "x-größe"}, Value: "v"},
		},
		Recipients: []tnef.Props{
			{{Type: tnef.TypeUnicode, ID: 0x3001, Value: "Ann"}, {Type: tnef.TypeLong, ID: 0x0C15, Value: int32(1)}},
			{{Type: tnef.TypeUnicode, ID: 0x3001, Value: "Bob"}},
		},
		Attachments: []tnef.Attachment{
			{Name: "a b.txt", Type: "text/plain", Data: []byte("hello"), ContentID: "x@y", Inline: true,
				Props: tnef.Props{{Type: tnef.TypeUnicode, ID: tnef.PidTagAttachLongFilename, Value: `c:\x\a b.txt`},
					{Type: tnef.TypeUnicode, ID: tnef.PidTagAttachMimeTag, Value: "text/plain"},
					{Type: tnef.TypeUnicode, ID: tnef.PidTagAttachContentID, Value: "<x@y>"},
					{Type: tnef.TypeLong, ID: tnef.PidTagAttachFlags, Value: int32(4)}}},
			{Name: "Betreff", Embedded: inner, Props: tnef.Props{
				{Type: tnef.TypeUnicode, ID: tnef.PidTagDisplayName, Value: "Betreff"},
				{Type: tnef.TypeUnicode, ID: tnef.PidTagAttachLongFilename, Value: "Betreff"},
				{Type: tnef.TypeObject, ID: tnef.PidTagAttachData, Value: inner},
				{Type: tnef.TypeLong, ID: tnef.PidTagAttachMethod, Value: int32(5)}}},
			{Name: "empty", Data: []byte{}, Props: tnef.Props{{Type: tnef.TypeUnicode, ID: tnef.PidTagAttachLongFilename, Value: "empty"}}},
		},
	}
	got, err := tnef.Read(tnef.Write(want), tnef.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameMessage); diff != "" {
		t.Error(diff)
	}
}

// A message made by hand needs neither types nor the properties that the
// fields of an attachment say.
func TestWriteByHand(t *testing.T) {
	in := &tnef.Message{
		Class: "IPM.Note",
		Props: tnef.Props{
			{ID: 0x37, Value: "x"}, {ID: 0x38, Value: int32(1)},
			{ID: 0x39, Type: tnef.TypeString8, Value: "Ж is not in 1252"},
			{ID: 0x3A, Value: struct{}{}},
			{ID: 0x3B, Type: tnef.TypeString8, Value: "é"},
		},
		Attachments: []tnef.Attachment{
			{Name: "n", Type: "image/png", ContentID: "c", Inline: true, Data: []byte{1}},
			{Name: "m", Embedded: &tnef.Message{Class: "IPM.Note"}},
		},
	}
	got, err := tnef.Read(tnef.Write(in), tnef.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := got.Props.Get(0x39).Text(); s != "Ж is not in 1252" {
		t.Errorf("text outside the code page: %q", s)
	}
	if got.Codepage != 1252 {
		t.Errorf("code page %d", got.Codepage)
	}
	if p := got.Props.Get(0x3B); p == nil || p.Type != tnef.TypeString8 || p.Value != "é" {
		t.Errorf("8-bit text: %v", p)
	}
	if len(got.Props) != 4 {
		t.Errorf("properties: %v", got.Props)
	}
	a, e := got.Attachments[0], got.Attachments[1]
	if a.Name != "n" || a.Type != "image/png" || a.ContentID != "c" || !a.Inline || string(a.Data) != "\x01" {
		t.Errorf("attachment: %+v", a)
	}
	if e.Embedded == nil || e.Embedded.Class != "IPM.Note" || e.Data != nil || e.Name != "m" {
		t.Errorf("embedded message: %+v", e)
	}
}
