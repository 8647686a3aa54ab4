package rewrite_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// manyCalendars is a mail of n calendars, each of about size octets and to be
// repaired; no two are the same.
func manyCalendars(n, size int) string {
	var b strings.Builder
	b.WriteString("From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for i := range n {
		text := strings.Replace(published(max(1, size/400)), "VERSION:2.0", fmt.Sprintf("VERSION:2.0\r\nX-N:%d", i), 1)
		b.WriteString("--b\r\nContent-Type: text/calendar; method=PUBLISH\r\n\r\n" + text + "\r\n")
	}
	b.WriteString("--b--\r\n")
	return b.String()
}

// Wherever the time runs out, or whoever asked goes away, the message is the one
// that came, and the error says why.
func TestStoppedAnywhere(t *testing.T) {
	message := manyCalendars(2, 80_000)
	calls := 0
	o := rewrite.Options{Form: rewrite.Mail, Now: now, Clock: func() time.Time { calls++; return now }}
	if res, err := rewrite.Message(strings.NewReader(message), o); err != nil || !res.Changed() {
		t.Fatalf("%v, changed %v", err, res.Changed())
	}
	all := calls
	if all < 100 {
		t.Errorf("the clock was asked %d times only", all)
	}
	for at := 3; at < all; at += max(1, all/60) { // 1 and 2 start the clock
		ctx, cancel := context.WithCancel(t.Context())
		for name, want := range map[string]error{"timeout": rewrite.ErrTimeout, "context": rewrite.ErrStopped} {
			calls, o.Context = 0, ctx
			o.Clock = func() time.Time {
				if calls++; calls < at {
					return now
				}
				if name == "context" {
					cancel()
					return now
				}
				return now.Add(time.Hour)
			}
			if name == "timeout" {
				o.Context = nil
			}
			res, err := rewrite.Message(strings.NewReader(message), o)
			if !errors.Is(err, want) && !(name == "context" && at >= all-1 && err == nil) {
				t.Errorf("%s at %d of %d: %v", name, at, all, err)
			}
			var out bytes.Buffer
			res.WriteTo(&out)
			if err != nil && (res.Changed() || out.String() != message) {
				t.Errorf("%s at %d: the message was changed", name, at)
			}
		}
		cancel()
	}
}

// The memory is asked for once, before any work, and not at all for mail without
// a calendar. Who is refused gets the message as it came.
func TestAdmit(t *testing.T) {
	busy := errors.New("no room")
	for name, tt := range map[string]struct {
		message string
		err     error
		asked   int
	}{
		"no calendar": {"Subject: x\r\n\r\nBEGIN:VCALENDAR\r\n", nil, 0},
		"one":         {manyCalendars(1, 20_000), nil, 1},
		"three":       {manyCalendars(3, 20_000), nil, 1},
		"refused":     {manyCalendars(3, 20_000), busy, 1},
	} {
		t.Run(name, func(t *testing.T) {
			asked, clock := 0, now
			o := rewrite.Options{Form: rewrite.Mail, Now: now, Timeout: time.Second, Strict: true, Clock: func() time.Time { return clock }, Admit: func(octets int64) error {
				if asked++; octets < 20_000*10 || octets > 20_000*100 {
					t.Errorf("%d octets for calendars of 20,000", octets)
				}
				clock = clock.Add(time.Hour) // to wait is not to work
				return tt.err
			}}
			res, err := rewrite.Message(strings.NewReader(tt.message), o)
			if !errors.Is(err, tt.err) || asked != tt.asked || res.Changed() != (tt.err == nil && tt.asked > 0) {
				t.Errorf("%v, asked %d times, changed %v", err, asked, res.Changed())
			}
		})
	}
}

// Calendars of one message are bounded together, too. The first one is looked at
// whatever its size.
func TestTotalOfCalendars(t *testing.T) {
	for name, tt := range map[string]struct{ total, meetings, skipped int }{
		"all":   {0, 4, 0},
		"two":   {50_000, 2, 2},
		"first": {1000, 1, 3},
	} {
		t.Run(name, func(t *testing.T) {
			o := rewrite.Options{Form: rewrite.Mail, Now: now, Limits: rewrite.Limits{Total: tt.total}}
			res, err := rewrite.Message(strings.NewReader(manyCalendars(4, 20_000)), o)
			if err != nil || len(res.Report.Meetings) != tt.meetings || len(res.Report.Skipped) != tt.skipped {
				t.Errorf("%d meetings, skipped %v, %v", len(res.Report.Meetings), res.Report.Skipped, err)
			}
		})
	}
}

// A parsed calendar takes many times its text: no two of a message are held at the
// same time.
func TestCalendarsAreLetGo(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("collects garbage often")
	}
	peak := func(n int) uint64 {
		message := manyCalendars(n, 200_000)
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before, most, calls := m.HeapAlloc, uint64(0), 0
		o := rewrite.Options{Form: rewrite.Mail, Now: now, Timeout: time.Hour, Clock: func() time.Time {
			if calls++; calls%60 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return now
		}}
		if res, err := rewrite.Message(strings.NewReader(message), o); err != nil || !res.Changed() {
			t.Fatal(err, res.Report.Skipped)
		}
		return most - before
	}
	one, eight := peak(1), peak(8)
	t.Logf("%d octets for one, %d for eight", one, eight)
	if eight > 8*3*200_000+2*one {
		t.Errorf("%d octets for one calendar, %d for eight", one, eight)
	}
}

// Compressed RTF in a winmail.dat becomes many times its octets, which the memory
// that is asked for includes.
func TestAdmitRTF(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("collects garbage often")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	message := tnefMail("", tnefStream(t, tnefCalendar, func(m *tnef.Message) {
		m.Props = append(tnef.Props{{ID: tnef.PidTagRtfCompressed, Value: repeatedRTF(31 << 20)}}, m.Props...)
	}))
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ended, most := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapAlloc)
			select {
			case <-ended:
				most <- top
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	asked := int64(0)
	res, err := rewrite.Message(strings.NewReader(message), rewrite.Options{Form: rewrite.Mail, Now: now, Timeout: time.Hour,
		Admit: func(octets int64) error { asked = octets; return nil }})
	close(ended)
	took := int64(<-most) - int64(before.HeapAlloc)
	t.Logf("%d KiB: asked for %d, took %d", len(message)>>10, asked>>10, took>>10)
	if err != nil || !res.Changed() || took > asked*3/2 {
		t.Errorf("%v, %v: asked for %d KiB, took %d", err, res.Report.Skipped, asked>>10, took>>10)
	}
}

// repeatedRTF is compressed RTF that becomes so many octets, 17 for two ([MS-OXRTFCP]).
func repeatedRTF(octets int) []byte {
	const window, preset = 4096, 207
	var body []byte
	for at := window; at < window+octets; {
		body = append(body, 0xFF)
		for range 8 {
			body = binary.BigEndian.AppendUint16(body, uint16((at+preset-1)%window<<4|15)) // the octet before
			at += 17
		}
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(12+len(body)))
	b = binary.LittleEndian.AppendUint32(b, uint32(octets))
	b = append(b, "LZFu"...)
	b = binary.LittleEndian.AppendUint32(b, ^crc32.Update(0xFFFFFFFF, crc32.IEEETable, body))
	return append(b, body...)
}
