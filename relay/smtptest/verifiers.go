package smtptest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"
)

// Verifier is a program that verifies DKIM signatures. Verify returns nil when the
// message has signatures and the program accepts them: all of them, or (OpenDKIM) the
// first.
type Verifier struct {
	Name   string
	Verify func(message string) error
}

// Verifiers returns go-msgauth, and dkimpy and OpenDKIM where these are installed (as
// of Debian's python3-dkim and opendkim-tools). records are what DNS has. missing
// names those that are not.
func Verifiers(t testing.TB, records map[string]string) (found []Verifier, missing []string) {
	t.Helper()
	found = []Verifier{{"go-msgauth", func(m string) error { return verifyHere(m, records) }}}
	if v, ok := dkimpy(t, records); ok {
		found = append(found, v)
	} else {
		missing = append(missing, "dkimpy")
	}
	if v, ok := openDKIM(t, records); ok {
		found = append(found, v)
	} else {
		missing = append(missing, "OpenDKIM")
	}
	return found, missing
}

func verifyHere(message string, records map[string]string) error {
	list, err := dkim.VerifyWithOptions(strings.NewReader(message), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if r, ok := records[name]; ok {
				return []string{r}, nil
			}
			return nil, errors.New("no such record: " + name)
		}})
	if err == nil && len(list) == 0 {
		err = errors.New("no signature")
	}
	for _, v := range list {
		err = errors.Join(err, v.Err)
	}
	return err
}

// dkimpyScript verifies each signature in a file; its other arguments are names and records.
const dkimpyScript = `
import sys, dkim
message = open(sys.argv[1], "rb").read()
records = dict(zip(sys.argv[2::2], sys.argv[3::2]))
def lookup(name, timeout=5):
    return records[name.decode().rstrip(".")].encode()
d = dkim.DKIM(message)
n = sum(1 for name, _ in d.headers if name.lower() == b"dkim-signature")
bad = [i for i in range(n) if not dkim.DKIM(message).verify(idx=i, dnsfunc=lookup)]
print(n, "signatures, not accepted:", bad)
sys.exit(1 if bad or n == 0 else 0)
`

// dkimpy looks for the Python of Debian, and for another one that has the module.
func dkimpy(t testing.TB, records map[string]string) (Verifier, bool) {
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(python, "-c", "import dkim, nacl").Run() != nil {
			continue
		}
		return Verifier{"dkimpy", func(m string) error {
			file := filepath.Join(t.TempDir(), "mail.eml")
			if err := os.WriteFile(file, []byte(m), 0o600); err != nil {
				return err
			}
			args := []string{"-c", dkimpyScript, file}
			for name, r := range records {
				args = append(args, name, r)
			}
			return commandError(exec.Command(python, args...))
		}}, true
	}
	return Verifier{}, false
}

// openDKIM runs opendkim-testmsg with a DNS server of its own, which needs root: the
// program asks the servers in /etc/resolv.conf.
func openDKIM(t testing.TB, records map[string]string) (Verifier, bool) {
	program, err := exec.LookPath("opendkim-testmsg")
	if err != nil {
		program = "/usr/sbin/opendkim-testmsg"
	}
	if _, err := os.Stat(program); err != nil || runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return Verifier{}, false
	}
	address := serveTXT(t, records)
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	if address == "" || os.WriteFile(resolv, []byte("nameserver "+address+"\n"), 0o644) != nil ||
		exec.Command("unshare", "-m", "mount", "--bind", resolv, "/etc/resolv.conf").Run() != nil {
		return Verifier{}, false
	}
	return Verifier{"OpenDKIM", func(m string) error {
		cmd := exec.Command("unshare", "-m", "sh", "-c", `mount --bind "$1" /etc/resolv.conf && exec "$2" -t "$3"`, "sh", resolv, program, t.TempDir())
		cmd.Stdin = strings.NewReader(m)
		return commandError(cmd)
	}}, true
}

func commandError(cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}

// serveTXT serves records on port 53 of a loopback address, which it returns; "" when
// that is not possible.
func serveTXT(t testing.TB, records map[string]string) string {
	var conn net.PacketConn
	var address string
	for i := 1; conn == nil && i < 250; i++ { // other tests may have one
		address = fmt.Sprintf("127.53.0.%d", i)
		conn, _ = net.ListenPacket("udp4", address+":53")
	}
	if conn == nil {
		return ""
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(b[:n]) == nil && len(q.Questions) == 1 {
				if out, err := answerTXT(q, records); err == nil {
					_, _ = conn.WriteTo(out, from)
				}
			}
		}
	}()
	return address
}

func answerTXT(q dnsmessage.Message, records map[string]string) ([]byte, error) {
	question := q.Questions[0]
	a := dnsmessage.Message{Header: dnsmessage.Header{ID: q.ID, Response: true, RecursionDesired: true, RecursionAvailable: true}, Questions: q.Questions}
	text, ok := records[strings.TrimSuffix(strings.ToLower(question.Name.String()), ".")]
	switch {
	case !ok:
		a.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeTXT:
		var parts []string
		for ; len(text) > 255; text = text[255:] {
			parts = append(parts, text[:255])
		}
		a.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassINET, TTL: 60},
			Body:   &dnsmessage.TXTResource{TXT: append(parts, text)},
		}}
	}
	return a.Pack()
}
