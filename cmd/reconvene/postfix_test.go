//go:build unix

package main

import (
	"fmt"
	"net/textproto"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// postfix is a real Postfix with a configuration, a queue and mailboxes of its own.
type postfix struct {
	t     *testing.T
	dir   string
	addr  string
	owner string // the account that it runs as
	seen  map[string]bool
}

// newPostfix chooses the address; it listens once start was called.
func newPostfix(t *testing.T) *postfix {
	t.Helper()
	tool(t, "postfix")
	if os.Getuid() != 0 {
		t.Skip("Postfix must be started by root")
	}
	dir, err := os.MkdirTemp("", "postfix") // others must get in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := &postfix{t: t, dir: dir, addr: smtptest.FreeAddr(t), owner: postfixDefault(t, "mail_owner"), seen: make(map[string]bool)}
	for _, name := range []string{"etc", "queue", "data", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"data", "mail"} {
		if err := os.Chown(filepath.Join(dir, name), p.account(), -1); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func postfixDefault(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command(tool(t, "postconf"), "-dh", name).Output()
	if err != nil {
		t.Skipf("Postfix does not tell its %s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// start runs it with mailboxes for some addresses. What is for other domains than
// theirs goes to next, by way of the host and port that ways names for an address.
func (p *postfix) start(next string, boxes []string, ways map[string]string, more string) {
	p.t.Helper()
	var domains []string
	var table, transport strings.Builder
	for _, address := range boxes {
		_, domain, _ := strings.Cut(address, "@")
		domains = append(domains, domain)
		fmt.Fprintf(&table, "%s %s/\n", address, address)
	}
	for address, way := range ways {
		fmt.Fprintf(&transport, "%s smtp:%s\n", address, bracketed(way))
	}
	p.file("boxes", table.String())
	p.file("transport", transport.String())
	p.file("dynamicmaps.cf", "")
	p.file("master.cf", p.services())
	p.file("main.cf", fmt.Sprintf(`compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
daemon_directory = %[2]s
mail_owner = %[3]s
myhostname = %[4]s
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = %[5]s
transport_maps = texthash:%[1]s/etc/transport
virtual_mailbox_domains = %[6]s
virtual_mailbox_maps = texthash:%[1]s/etc/boxes
virtual_mailbox_base = %[1]s/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:%[7]d
virtual_gid_maps = static:%[7]d
smtpd_reject_unlisted_recipient = no
smtpd_client_connection_rate_limit = 0
smtp_dns_support_level = disabled
in_flow_delay = 0
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
%[8]s
`, p.dir, postfixDefault(p.t, "daemon_directory"), p.owner, p.name(), bracketed(next), strings.Join(domains, " "), p.account(), more))
	p.run()
	p.t.Cleanup(func() {
		if p.t.Failed() {
			p.t.Logf("Postfix's log:\n%s", p.log())
		}
	})
	waitFor(p.t, p.addr)
}

// queues are what Postfix's own start script makes, which takes long.
var queues = []string{"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "pid", "private", "public", "saved", "trace"}

// name is what it says of itself.
func (p *postfix) name() string { return filepath.Base(p.dir) + ".test" }

// run starts the master process; its end is that of all it has started.
func (p *postfix) run() {
	p.t.Helper()
	for _, name := range queues {
		name = filepath.Join(p.dir, "queue", name)
		if err := os.Mkdir(name, 0o755); err != nil {
			p.t.Fatal(err)
		}
		if filepath.Base(name) == "pid" {
			continue
		}
		if err := os.Chown(name, p.account(), -1); err != nil {
			p.t.Fatal(err)
		}
	}
	master := exec.Command(tool(p.t, filepath.Join(postfixDefault(p.t, "daemon_directory"), "master")), "-c", filepath.Join(p.dir, "etc"))
	if err := master.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = master.Process.Signal(syscall.SIGTERM)
		_ = master.Wait()
	})
}

func (p *postfix) file(name, text string) {
	p.t.Helper()
	write(p.t, filepath.Join(p.dir, "etc", name), text)
}

// account is the number of the account that Postfix runs as.
func (p *postfix) account() int {
	p.t.Helper()
	account, err := user.Lookup(p.owner)
	if err != nil {
		p.t.Skip("Postfix's account is missing")
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		p.t.Fatal(err)
	}
	return uid
}

func (p *postfix) log() string {
	text, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	return string(text)
}

// bracketed is a host and port as Postfix takes them when no MX is to be looked up.
func bracketed(addr string) string {
	host, port, _ := strings.Cut(addr, ":")
	return "[" + host + "]:" + port
}

func (p *postfix) services() string {
	return p.addr + ` inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
}

// mail is the next message in a mailbox, with LF at the line ends.
func (p *postfix) mail(address string) string {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(p.dir, "mail", address, "new", "*"))
		if err != nil {
			p.t.Fatal(err)
		}
		for _, f := range files {
			if p.seen[f] {
				continue
			}
			p.seen[f] = true
			text, err := os.ReadFile(f)
			if err != nil {
				p.t.Fatal(err)
			}
			return string(text)
		}
	}
	p.t.Fatalf("no mail for %s", address)
	return ""
}

// traceFields are what each server on the way puts on top.
var traceFields = []string{"Return-Path:", "X-Original-To:", "Delivered-To:", "Received:"}

// content is a message without the trace fields on top.
func content(m string) string {
	for {
		traced := false
		for _, name := range traceFields {
			if strings.HasPrefix(m, name) {
				_, m = cutField(m)
				traced = true
			}
		}
		if !traced {
			return m
		}
	}
}

// envelope is what a client says before a message.
type envelope struct{ from, to string }

// submit sends messages over one connection.
func submit(t *testing.T, addr string, e envelope, bodies ...string) {
	t.Helper()
	c, err := textproto.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	ask := func(code int, format string, args ...any) {
		if format != "" {
			if err := c.PrintfLine(format, args...); err != nil {
				t.Error(err)
			}
		}
		if _, _, err := c.ReadResponse(code); err != nil {
			t.Errorf("by %s, %s: %v", addr, fmt.Sprintf(format, args...), err)
		}
	}
	ask(220, "")
	ask(250, "EHLO client.test")
	for _, body := range bodies {
		ask(250, "MAIL FROM:%s", e.from)
		ask(250, "RCPT TO:%s", e.to)
		ask(354, "DATA")
		w := c.DotWriter()
		if _, err := w.Write([]byte(strings.ReplaceAll(body, "\r\n", "\n"))); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		ask(250, "")
	}
	ask(221, "QUIT")
}
