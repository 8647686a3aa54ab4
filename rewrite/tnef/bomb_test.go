package tnef_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// bombRTF is compressed RTF that says it becomes so many octets and holds
// references for others: two octets for 17.
func bombRTF(claims, holds int) []byte {
	const window, preset = 4096, 207
	var body []byte
	for at := window; at < window+holds; {
		body = append(body, 0xFF)
		for range 8 {
			// the octet before, 17 times
			body = binary.BigEndian.AppendUint16(body, uint16((at+preset-1)%window<<4|15))
			at += 17
		}
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(12+len(body)))
	b = binary.LittleEndian.AppendUint32(b, uint32(claims))
	b = append(b, "LZFu"...)
	b = binary.LittleEndian.AppendUint32(b, ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, body))
	return append(b, body...)
}

// The decoders of RTF and of attachments are reached by hostile streams, stop at
// the limit for all of a stream, and take no memory beyond it.
func TestBombs(t *testing.T) {
	const mb = 1 << 20
	rtf := func(claims, holds int) *tnef.Message {
		return &tnef.Message{Class: "IPM.Note", Props: tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: bombRTF(claims, holds)}}}
	}
	withText := func(m *tnef.Message) *tnef.Message {
		m.Props = append(m.Props, tnef.Prop{ID: tnef.PidTagBody, Value: "text"})
		return m
	}
	around := func(n int, m *tnef.Message) *tnef.Message {
		out := &tnef.Message{Class: "IPM.Note"}
		for range n {
			out.Attachments = append(out.Attachments, tnef.Attachment{Name: "m", Embedded: m})
		}
		return out
	}
	deep := rtf(30*mb, 30*mb)
	for range 8 {
		deep = around(1, deep)
	}
	for _, c := range []struct {
		name string
		m    *tnef.Message
		err  error
		most uint64 // MB allocated, in all
	}{
		{"small enough", rtf(8*mb, 8*mb), nil, 100},
		{"200 MB", rtf(200*mb, 200*mb), tnef.ErrLimit, 10},
		{"4 GB claimed", rtf(1<<32-1, mb), tnef.ErrLimit, 10},
		{"200 MB, and claims 8", rtf(8*mb, 200*mb), nil, 100},
		{"claims 32, and holds nothing", withText(rtf(32*mb, 17)), nil, 10},
		{"4 of 30 MB", around(4, rtf(30*mb, 30*mb)), tnef.ErrLimit, 350},
		{"4 of 30 MB, a piece of each missing", around(4, withText(rtf(31*mb, 30*mb))), tnef.ErrLimit, 150},
		{"below eight attached messages", deep, nil, 350},
		{"below nine attached messages", around(1, deep), tnef.ErrLimit, 10},
		{"many files", around(20_000, nil), nil, 200},
		{"too many files", around(100_000, nil), tnef.ErrLimit, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream := tnef.Write(c.m)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := tnef.Read(stream, tnef.Limits{})
			runtime.ReadMemStats(&after)
			if !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("%d octets: %v, want %v", len(stream), err, c.err)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) / mb; took > c.most {
				t.Errorf("%d octets took %d MB", len(stream), took)
			}
		})
	}
}
