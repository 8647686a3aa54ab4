package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// syslogPatience bounds the wait for what must come.
const syslogPatience = 30 * time.Second

// rfc5424 is a message as §6 has it, from us.
var rfc5424 = regexp.MustCompile(`^<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ reconvene \d+ (\S+) - (time=.*)$`)

// syslogServer takes messages over TCP, or TLS with a configuration.
func syslogServer(t *testing.T, address string, conf *tls.Config) (string, <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if conf != nil {
		l = tls.NewListener(l, conf)
	}
	t.Cleanup(func() { l.Close() })
	got := make(chan string, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for in := bufio.NewReader(conn); ; {
					length, err := in.ReadString(' ') // RFC 6587 §3.4.1
					if err != nil {
						return
					}
					n, err := strconv.Atoi(strings.TrimSpace(length))
					if err != nil {
						got <- "not octet counting: " + length
						return
					}
					message := make([]byte, n)
					if _, err := io.ReadFull(in, message); err != nil {
						return
					}
					got <- string(message)
				}
			}()
		}
	}()
	return l.Addr().String(), got
}

func nextMessage(t *testing.T, got <-chan string) []string {
	t.Helper()
	select {
	case m := <-got:
		parts := rfc5424.FindStringSubmatch(m)
		if parts == nil {
			t.Fatalf("not a message of RFC 5424: %q", m)
		}
		return parts[1:]
	case <-time.After(syslogPatience):
		t.Fatal("no message came")
		return nil
	}
}

func syslogLog(t *testing.T, cfg config.Log) (*logOutput, *relay.MailLog, *lockedBuffer) {
	t.Helper()
	var stderr lockedBuffer
	cfg.Format, cfg.Level, cfg.File = "text", "info", filepath.Join(t.TempDir(), "mail.log")
	out, err := newLogOutput(&env{stderr: &stderr, now: time.Now}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(out.Close)
	return out, relay.NewMailLog(out, time.Now), &stderr
}

func TestSyslogUDP(t *testing.T) {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	got := make(chan string, 10)
	go func() {
		for buffer := make([]byte, 1<<16); ; {
			n, _, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			got <- string(buffer[:n])
		}
	}()
	_, log, _ := syslogLog(t, config.Log{Syslog: "udp://" + socket.LocalAddr().String()})
	log.ConfigLoaded("a\nb")
	if m := nextMessage(t, got); m[0] != "22" || m[1] != "config-loaded" || strings.Contains(m[2], "\n") {
		t.Errorf("%q", m)
	}
	log.ConfigRejected("x", os.ErrNotExist)
	if m := nextMessage(t, got); m[0] != "19" || m[1] != "config-rejected" {
		t.Errorf("%q", m)
	}
}

func TestSyslogTCP(t *testing.T) {
	address, got := syslogServer(t, "127.0.0.1:0", nil)
	out, log, _ := syslogLog(t, config.Log{Syslog: "tcp://" + address})
	for i := range 20 {
		log.ConfigLoaded(fmt.Sprint("n", i))
	}
	for i := range 20 {
		if m := nextMessage(t, got); !strings.HasSuffix(m[2], fmt.Sprint("config=n", i)) {
			t.Errorf("message %d is %q", i, m)
		}
	}
	if out.Trouble() != nil {
		t.Error(out.Trouble())
	}
	if text, err := os.ReadFile(out.cfg.File); err != nil || strings.Count(string(text), "\n") != 20 {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// Over TLS the server's certificate counts.
func TestSyslogTLS(t *testing.T) {
	cert, pemText := rootCertificate(t, "127.0.0.1")
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, pemText, 0o600); err != nil {
		t.Fatal(err)
	}
	address, got := syslogServer(t, "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	_, log, _ := syslogLog(t, config.Log{Syslog: "tls://" + address, SyslogCA: roots})
	log.ConfigLoaded("trusted")
	if m := nextMessage(t, got); !strings.HasSuffix(m[2], "config=trusted") {
		t.Errorf("%q", m)
	}
	out, log, _ := syslogLog(t, config.Log{Syslog: "tls://" + address})
	log.ConfigLoaded("not trusted")
	awaitTrouble(t, out, "certificate")
	if len(got) > 0 {
		t.Errorf("sent to a server that is not trusted: %q", <-got)
	}
}

func awaitTrouble(t *testing.T, out *logOutput, word string) {
	t.Helper()
	for end := time.Now().Add(syslogPatience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err := out.Trouble(); err != nil && strings.Contains(err.Error(), word) {
			return
		}
	}
	t.Fatalf("no trouble with %q: %v", word, out.Trouble())
}

// A server that is away gets what waited, and the number of what did not fit.
func TestSyslogAway(t *testing.T) {
	t.Parallel() // it waits for others
	address := smtptest.FreeAddr(t)
	out, log, stderr := syslogLog(t, config.Log{Syslog: "tcp://" + address})
	lost := 0
	out.CountLosses(func(int, bool) {}, func(n int) { lost += n })
	log.ConfigLoaded("waits")
	awaitTrouble(t, out, "cannot be reached")
	out.syslog.mu.Lock()
	out.syslog.octets += syslogMemory // as if so much waited
	out.syslog.mu.Unlock()
	log.ConfigLoaded("lost")
	log.ConfigLoaded("lost")
	out.syslog.mu.Lock()
	out.syslog.octets -= syslogMemory
	out.syslog.mu.Unlock()
	_, got := syslogServer(t, address, nil)
	if m := nextMessage(t, got); !strings.HasSuffix(m[2], "config=waits") {
		t.Errorf("%q", m)
	}
	if m := nextMessage(t, got); m[1] != "log-recovered" || !strings.Contains(m[2], " lost=2 ") {
		t.Errorf("%q", m)
	}
	out.Close()
	if out.Trouble() != nil || lost != 2 {
		t.Errorf("%v, %d lost", out.Trouble(), lost)
	}
	if text := stderr.b.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "2 lines were lost") {
		t.Errorf("standard error: %s", text)
	}
}

func TestSyslogHeader(t *testing.T) {
	s := &syslogSender{cfg: config.Log{Format: "text"}, host: syslogName("höst name", 255), datagr: true}
	r := slog.NewRecord(time.Unix(0, 0), slog.LevelWarn, strings.Repeat("x y", 20), 0)
	r.AddAttrs(slog.String("to", strings.Repeat("ä", 9000)), slog.String("from", strings.Repeat("ä", 9000)),
		slog.String("uid", strings.Repeat("ä", 9000)), slog.String("msgid", strings.Repeat("ä", 8000)))
	m := string(s.message(context.Background(), r))
	if !strings.HasPrefix(m, "<20>1 1970-01-01T00:00:00.000000Z hstname reconvene ") || !strings.Contains(m, " "+strings.Repeat("xy", 16)+" - ") {
		t.Errorf("%.200q", m)
	}
	if len(m) > maxDatagram {
		t.Errorf("%d octets", len(m))
	}
}

func rootCertificate(t *testing.T, address string) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.ParseIP(address)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
