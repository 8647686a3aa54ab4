package directory

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/storetest"
)

// Whatever is in an envelope's file, it is a message of that name or an error.
func FuzzEnvelope(f *testing.F) {
	good, _ := json.Marshal(storetest.Message("m-1", "b@example.net"))
	f.Add(good)
	f.Add(bytes.Replace(good, []byte(`"form":0`), []byte(`"form":1`), 1))
	f.Add([]byte(`{"form":1,"id":"m-1","recipients":[{}],"size":-1}`))
	f.Add([]byte(`{"form":1,"id":"m-1","recipients":[{"path":"x","state":"?","next":"0001-01-01T00:00:00Z","last":{"text":null}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := queue.ParseEnvelope(b, "m-1")
		if err == nil && (m.ID != "m-1" || len(m.Recipients) == 0 || m.Size < 0) {
			t.Errorf("%+v", m)
		}
	})
}

// Whatever is in a journal's file, its records end within it.
func FuzzRecords(f *testing.F) {
	start, message := encodeRecord(kindStart, "", nil, nil), encodeRecord(kindMessage, "m-1", []byte("{}"), []byte("body"))
	sealRecord(start, 3)
	sealRecord(message, 3)
	f.Add(append(append([]byte{}, start...), message...))
	f.Add(append(append([]byte{}, start...), message[:len(message)-1]...))
	f.Add(message)
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := OpenFS(newCrashFS()).readRecords(&crashFile{fs: newCrashFS(), at: &inode{data: b}})
		if err != nil {
			t.Fatal(err)
		}
		var total int64
		for _, r := range list {
			total += r.size
		}
		if total > int64(len(b)) {
			t.Errorf("%d octets in %d", total, len(b))
		}
	})
}
