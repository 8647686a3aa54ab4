package main

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
)

// Below systemd the journal gets each line with its fields, and standard error
// nothing; when the journal does not answer, standard error gets the line.
func TestJournal(t *testing.T) {
	if !ownMounts(t) {
		return
	}
	mountMemory(t, "/run", "1m")
	const folder = "/run/systemd/journal"
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: folder + "/socket", Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	var stderr lockedBuffer
	out, err := newLogOutput(&env{stderr: &stderr, now: time.Now}, config.Log{Format: "text", Level: "info"})
	if err != nil {
		t.Fatal(err)
	}
	out.journal = true
	log := relay.NewMailLog(out, time.Now)
	log.ConfigRejected("a.toml", os.ErrNotExist)
	_ = socket.SetReadDeadline(time.Now().Add(patience))
	buffer := make([]byte, 1<<16)
	n, err := socket.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	got := "\n" + string(buffer[:n])
	for _, want := range []string{"\nPRIORITY=3\n", "\nSYSLOG_IDENTIFIER=reconvene\n", "\nRECONVENE_MSG=config-rejected\n",
		"\nRECONVENE_CONFIG=a.toml\n", "\nRECONVENE_ERROR=file does not exist\n", "\nMESSAGE=time="} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if stderr.b.Len() > 0 {
		t.Errorf("standard error: %s", stderr.b.String())
	}
	socket.Close()
	log.ConfigLoaded("b.toml")
	if !strings.Contains(stderr.b.String(), "config=b.toml") || strings.Contains(stderr.b.String(), "a.toml") {
		t.Errorf("standard error: %s", stderr.b.String())
	}
}
