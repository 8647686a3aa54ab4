package tnef_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// stream builds a stream from attributes, so that each can be wrong.
type stream []byte

func newStream() stream { return stream(tnef.Signature + "\x01\x00") }

func (s stream) attr(level byte, id uint32, data string) stream {
	s = append(s[:len(s):len(s)], level) // two streams may begin with s
	s = binary.LittleEndian.AppendUint32(s, id)
	s = binary.LittleEndian.AppendUint32(s, uint32(len(data)))
	s = append(s, data...)
	var sum uint16
	for _, c := range []byte(data) {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(s, sum)
}

func (s stream) props(level byte, id uint32, props ...tnef.Prop) stream {
	return s.attr(level, id, string(tnef.WriteProps(props, 1252)))
}

func TestReadRefuses(t *testing.T) {
	note := newStream().attr(1, tnef.AttMessageClass, "IPM.Note\x00")
	u32 := func(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n)) }
	deep := &tnef.Message{Class: "IPM.Note"}
	for range 10 {
		deep = &tnef.Message{Attachments: []tnef.Attachment{{Name: "m", Embedded: deep}}}
	}
	rtf := tnef.Attachment{Embedded: &tnef.Message{Props: tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: rawRTF(`{\rtf1 abc}`)}}}}
	list := func(props ...tnef.Prop) string { return string(tnef.WriteProps(props, 1252)) }
	for _, c := range []struct {
		name string
		in   []byte
		lim  tnef.Limits
		err  error
	}{
		{name: "empty", err: tnef.ErrSignature},
		{name: "another file", in: []byte("%PDF-1.4"), err: tnef.ErrSignature},
		{name: "signature only", in: []byte(tnef.Signature), err: tnef.ErrTruncated},
		{name: "attribute longer than the stream", in: append(note, append([]byte{1, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}, "xyz"...)...), err: tnef.ErrTruncated},
		{name: "garbage between attributes", in: append(append(note[:len(note):len(note)], "garbage"...), note[6:]...), err: tnef.ErrDamaged},
		{name: "a lot of garbage", in: append(note[:len(note):len(note)], strings.Repeat("x", 5000)...), err: tnef.ErrDamaged},
		{name: "no room for a count", in: note.attr(1, tnef.AttMsgProps, "\x01\x00"), err: tnef.ErrTruncated},
		{name: "more properties than octets", in: note.attr(1, tnef.AttMsgProps, u32(1<<31)), err: tnef.ErrTruncated},
		{name: "property cut", in: note.attr(1, tnef.AttMsgProps, list(tnef.Prop{ID: 0x37, Value: "subject"})[:20]), err: tnef.ErrTruncated},
		{name: "value longer than the list", in: note.attr(1, tnef.AttMsgProps, u32(1)+u32(0x00370000|tnef.TypeUnicode)+u32(1)+u32(0xFFFFFFFF)+"xx"), err: tnef.ErrTruncated},
		{name: "several values in a single one", in: note.attr(1, tnef.AttMsgProps, u32(1)+u32(0x00370000|tnef.TypeString8)+u32(2)+u32(1)+"a\x00\x00\x00"+u32(1)+"b\x00\x00\x00"), err: tnef.ErrDamaged},
		{name: "more values than octets", in: note.attr(1, tnef.AttMsgProps, u32(1)+u32(0x00370000|tnef.TypeLong|tnef.MVFlag)+u32(1<<30)), err: tnef.ErrTruncated},
		{name: "unknown type", in: note.attr(1, tnef.AttMsgProps, u32(1)+u32(0x00370099)+u32(0)), err: tnef.ErrDamaged},
		{name: "several objects", in: note.attr(1, tnef.AttMsgProps, u32(1)+u32(0x37010000|tnef.TypeObject|tnef.MVFlag)+u32(0)), err: tnef.ErrDamaged},
		{name: "unknown kind of name", in: note.attr(1, tnef.AttMsgProps, u32(1)+u32(0x80000003)+strings.Repeat("\x00", 16)+u32(2)+u32(0)+u32(0)), err: tnef.ErrDamaged},
		{name: "recipient rows cut", in: note.attr(1, tnef.AttRecipTable, u32(2)+list(tnef.Prop{ID: 0x3001, Value: "a"})), err: tnef.ErrTruncated},
		{name: "more rows than octets", in: note.attr(1, tnef.AttRecipTable, u32(1<<30)), err: tnef.ErrTruncated},
		{name: "embedded message cut", in: note.props(2, tnef.AttAttachment, tnef.Prop{ID: tnef.PidTagAttachData, Type: tnef.TypeObject,
			Value: []byte("\x07\x03\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46" + tnef.Signature)}), err: tnef.ErrTruncated},
		{name: "unknown code page", in: newStream().attr(1, tnef.AttOemCodepage, u32(4711)+u32(0)).attr(1, tnef.AttSubject, "Gr\xfc\xdfe\x00"), err: tnef.ErrDamaged},
		{name: "RTF cut and no text", in: note.props(1, tnef.AttMsgProps, tnef.Prop{ID: tnef.PidTagRtfCompressed, Value: []byte("\xff\x00\x00\x00")}), err: tnef.ErrTruncated},
		{name: "size", in: note, lim: tnef.Limits{Size: len(note) - 1}, err: tnef.ErrLimit},
		{name: "properties", in: note.props(1, tnef.AttMsgProps, tnef.Prop{ID: 1, Value: []int32{1, 2, 3, 4}}), lim: tnef.Limits{Properties: 6}, err: tnef.ErrLimit},
		{name: "just enough", in: note, lim: tnef.Limits{Properties: 1}},
		{name: "depth", in: tnef.Write(deep), err: tnef.ErrLimit},
		{name: "expansion", in: note.props(1, tnef.AttMsgProps, tnef.Prop{ID: tnef.PidTagRtfCompressed, Value: rawRTF("{\\rtf1 abc}")}), lim: tnef.Limits{Expansion: 10}, err: tnef.ErrLimit},
		{name: "expansion of two", in: tnef.Write(&tnef.Message{Attachments: []tnef.Attachment{rtf, rtf}}), lim: tnef.Limits{Expansion: 21}, err: tnef.ErrLimit},
		{name: "expansion of two, just enough", in: tnef.Write(&tnef.Message{Attachments: []tnef.Attachment{rtf, rtf}}), lim: tnef.Limits{Expansion: 22}},
		{name: "depth is not number", in: tnef.Write(&tnef.Message{Attachments: []tnef.Attachment{rtf, rtf}}), lim: tnef.Limits{Depth: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := tnef.Read(c.in, c.lim)
			if !errors.Is(err, c.err) || (m == nil) != (err != nil) {
				t.Errorf("got %v, %v; want %v", m, err, c.err)
			}
		})
	}
}

func TestReadTolerates(t *testing.T) {
	note := newStream().attr(1, tnef.AttMessageClass, "IPM.Note\x00")
	bad := append(stream(nil), note...)
	bad[len(bad)-1]++
	for _, c := range []struct {
		name, warning string
		in            []byte
	}{
		{"checksum", "the checksum of attribute attMessageClass at octet 6 is wrong", bad},
		{"line end after it", "2 octets after the last attribute are ignored", append(note[:len(note):len(note)], "\r\n"...)},
		{"octets after a list", "3 octets after the list in attribute attMsgProps are ignored", note.attr(1, tnef.AttMsgProps, "\x00\x00\x00\x00abc")},
		{"unknown attribute", "", note.attr(1, 0x00061234, "x")},
		{"unknown attribute of an attachment", "", note.attr(2, tnef.AttAttachRenddata, strings.Repeat("\x00", 14)).attr(2, 0x00061234, "x")},
		{"class before the code page", "", note.attr(1, tnef.AttOemCodepage, "\xe3\x04\x00\x00\x00\x00\x00\x00")},
		{"no padding at the end of a list", "", note.attr(1, tnef.AttMsgProps, string(bytes.TrimRight(tnef.WriteProps(tnef.Props{{ID: 1, Value: []byte("a")}}, 1252), "\x00")))},
		{"sender cut", "a sender cannot be read: TNEF stream is truncated: name at octet 2 needs 255 octets, 1 are left", note.attr(1, tnef.AttSentFor, "\xff\x00x")},
		{"RTF cut beside a text", "the RTF cannot be read, the text beside it is used: TNEF stream is truncated: compressed RTF of 1 octets",
			note.props(1, tnef.AttMsgProps, tnef.Prop{ID: tnef.PidTagBody, Value: "x"}, tnef.Prop{ID: tnef.PidTagRtfCompressed, Value: []byte("x")})},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := tnef.Read(c.in, tnef.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(m.Warnings, "; "); got != c.warning || m.Class != "IPM.Note" {
				t.Errorf("class %q, warnings %q; want %q", m.Class, got, c.warning)
			}
		})
	}
}

// A stream that is cut anywhere but between two attributes is refused, and so
// nothing is rebuilt from a part.
func TestReadCut(t *testing.T) {
	whole := tnef.Write(&tnef.Message{
		Class:       "IPM.Schedule.Meeting.Request",
		Props:       tnef.Props{{ID: 0x37, Value: "subject"}, {ID: 0x1000, Value: "text"}},
		Recipients:  []tnef.Props{{{ID: 0x3001, Value: "Ann"}}},
		Attachments: []tnef.Attachment{{Name: "a", Data: []byte("data")}, {Name: "m", Embedded: &tnef.Message{Class: "IPM.Note"}}},
	})
	between := map[int]bool{len(tnef.Signature) + 2: true}
	for at := len(tnef.Signature) + 2; at < len(whole); {
		at += 11 + int(binary.LittleEndian.Uint32(whole[at+5:]))
		between[at] = true
	}
	for n := range whole {
		m, err := tnef.Read(whole[:n], tnef.Limits{})
		if garbage := err == nil && len(m.Warnings) > 0; (err == nil) != between[n] && !garbage {
			t.Errorf("cut at octet %d: error %v", n, err)
		}
	}
}

// What attributes say stands in for properties that are missing, and does not
// replace those that are there.
func TestReadAttributes(t *testing.T) {
	pair := "\x08\x00Ann Lee\x00\x10\x00SMTP:a@x.example"
	triple := "\x04\x00\x20\x00\x04\x00\x0f\x00Bob\x00EX:/o=X/cn=bob\x00\x00\x00"
	base := newStream().attr(1, tnef.AttSubject, "from attribute\x00").attr(1, tnef.AttBody, "text\x00\x00").
		attr(1, tnef.AttFrom, triple).attr(1, tnef.AttPriority, "\x01\x00").attr(1, tnef.AttAidOwner, "\xff\xff\xff\xff").
		attr(1, tnef.AttRequestRes, "\x01\x00").attr(1, tnef.AttOwner, pair)
	type want map[uint16]any
	for _, c := range []struct {
		name string
		in   []byte
		want want
	}{
		{"request", base.attr(1, tnef.AttMessageClass, "IPM.Microsoft Schedule.MtgReq\x00"), want{
			0x37: "from attribute", 0x1000: "text", 0x0C1A: "Bob", 0x0C1E: "EX", 0x0C1F: "/o=X/cn=bob", 0x17: int32(2),
			0x62: int32(-1), 0x63: true, 0x42: "Ann Lee", 0x64: "SMTP", 0x65: "a@x.example", 0x44: nil}},
		{"response", base.attr(1, tnef.AttMessageClass, "Microsoft Mail v3.0 IPM.Microsoft Schedule.MtgRespP\x00"), want{
			0x44: "Ann Lee", 0x77: "SMTP", 0x78: "a@x.example", 0x42: nil}},
		{"response, modern", base.props(1, tnef.AttMsgProps, tnef.Prop{ID: 0x1A, Value: "IPM.Schedule.Meeting.Resp.Neg"}), want{0x44: "Ann Lee", 0x42: nil}},
		{"property first", base.props(1, tnef.AttMsgProps, tnef.Prop{ID: 0x37, Value: "from property"}), want{0x37: "from property"}},
		{"sent for", newStream().attr(1, tnef.AttSentFor, pair), want{0x42: "Ann Lee", 0x64: "SMTP", 0x65: "a@x.example"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := tnef.Read(c.in, tnef.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Warnings) > 0 {
				t.Error(m.Warnings)
			}
			for id, want := range c.want {
				p := m.Props.Get(id)
				if want == nil && p != nil || want != nil && (p == nil || p.Value != want) {
					t.Errorf("property 0x%04X is %v, want %v", id, p, want)
				}
			}
		})
	}
}

func TestReadAttachments(t *testing.T) {
	rend := strings.Repeat("\x00", 14)
	in := newStream().
		attr(2, tnef.AttAttachRenddata, rend).attr(2, tnef.AttAttachData, "1").attr(2, tnef.AttAttachTitle, "C:\\My Files\\a.txt\x00").
		attr(2, tnef.AttAttachRenddata, rend).attr(2, tnef.AttAttachTitle, "B~1.TXT\x00").attr(2, tnef.AttAttachData, "2").
		props(2, tnef.AttAttachment, tnef.Prop{ID: tnef.PidTagAttachLongFilename, Value: "b long.txt"},
			tnef.Prop{ID: tnef.PidTagAttachMimeTag, Value: "text/plain"}, tnef.Prop{ID: tnef.PidTagAttachContentID, Value: "<b@x>"}).
		attr(2, tnef.AttAttachRenddata, rend).
		props(2, tnef.AttAttachment, tnef.Prop{ID: tnef.PidTagAttachData, Value: []byte("3")}, tnef.Prop{ID: tnef.PidTagAttachContentID, Value: "c"},
			tnef.Prop{ID: tnef.PidTagAttachmentHidden, Value: true}).
		attr(2, tnef.AttAttachRenddata, rend).
		props(2, tnef.AttAttachment, tnef.Prop{ID: tnef.PidTagAttachData, Type: tnef.TypeObject, Value: []byte("0123456789abcdefOLE")})
	in = in.attr(2, tnef.AttAttachRenddata, rend).attr(2, tnef.AttAttachData, "in vain").
		props(2, tnef.AttAttachment, tnef.Prop{ID: tnef.PidTagAttachData, Value: &tnef.Message{Class: "IPM.Note"}})
	m, err := tnef.Read(in, tnef.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if e := m.Attachments[len(m.Attachments)-1].Embedded; e == nil || e.Class != "IPM.Note" {
		t.Errorf("embedded message %+v", e)
	}
	want := []tnef.Attachment{
		{Name: "a.txt", Data: []byte("1")},
		{Name: "b long.txt", Type: "text/plain", ContentID: "b@x", Data: []byte("2")},
		{ContentID: "c", Inline: true, Data: []byte("3")},
		{Data: []byte("OLE")},
		{}, // an embedded message, which wins over octets
	}
	if len(m.Attachments) != len(want) {
		t.Fatalf("%d attachments, want %d", len(m.Attachments), len(want))
	}
	for i, w := range want {
		g := m.Attachments[i]
		if g.Name != w.Name || g.Type != w.Type || g.ContentID != w.ContentID || g.Inline != w.Inline || !bytes.Equal(g.Data, w.Data) {
			t.Errorf("attachment %d: %+v, want %+v", i, g, w)
		}
	}
}

func TestBody(t *testing.T) {
	encapsulated := rawRTF(`{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}a{\*\htmltag72 </p>}\htmlrtf\par\htmlrtf0}`)
	for _, c := range []struct {
		name, text, html string
		props            tnef.Props
	}{
		{"nothing", "", "", nil},
		{"text", "a\nb", "", tnef.Props{{ID: tnef.PidTagBody, Value: "a\r\nb"}}},
		{"HTML in its code page", "й", "<p>й</p>", tnef.Props{{ID: tnef.PidTagHTML, Value: []byte("<p>\xca</p>\x00")}, {ID: tnef.PidTagInternetCodepage, Value: int32(20866)}}},
		{"HTML as a string", "й", "<p>й</p>", tnef.Props{{ID: tnef.PidTagHTML, Value: "<p>й</p>"}}},
		{"RTF", "a", "<p>a</p>", tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: encapsulated}}},
		{"text before RTF", "own", "<p>a</p>", tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: encapsulated}, {ID: tnef.PidTagBody, Value: "own"}}},
		{"blank text", "a", "<p>a</p>", tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: encapsulated}, {ID: tnef.PidTagBody, Value: "\r\n "}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			made := &tnef.Message{Codepage: 1252, Props: c.props}
			read, err := tnef.Read(tnef.Write(made), tnef.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []*tnef.Message{made, read} {
				if text, html := m.Body(); text != c.text || string(html) != c.html {
					t.Errorf("got %q, %q; want %q, %q", text, html, c.text, c.html)
				}
			}
		})
	}
}
