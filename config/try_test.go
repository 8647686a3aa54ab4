package config_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
)

// wide is ASCII in UTF-16, the low octet first.
func wide(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }

func problemsOf(t *testing.T, dir, text string) config.Problems {
	t.Helper()
	path := filepath.Join(dir, "reconvene.toml")
	write(t, path, text)
	_, problems := config.Check(path, nil)
	return problems
}

// Check finds what would keep serve from starting on this machine: an error. What serve
// starts with nevertheless is a warning.
func TestCheckMachine(t *testing.T) {
	dir := t.TempDir()
	makeCertificate(t, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), 90*24*time.Hour)
	makeCertificate(t, filepath.Join(dir, "old.pem"), filepath.Join(dir, "old.key"), -time.Hour)
	write(t, filepath.Join(dir, "file"), "x")
	taken := greeter(t, "220 other ESMTP Postfix\r\n")
	ours := greeter(t, "220 smarthost.example.com ESMTP Reconvene\r\n")
	page := greeter(t, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nReconvene: an SMTP smart host\n")
	otherPage := greeter(t, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Mailpit</title>\n")
	tls := "[listener.tls]\nmode = \"optional\"\n"
	for _, c := range []struct{ name, host, listener, rest, want string }{
		{"good", "a.example.com", "", "", ""},
		{"port in use", "a.example.com", "address = \"" + taken + "\"\n", "", ": listener[0].address: " + taken + " is in use by another program"},
		{"port in use by us", "a.example.com", "address = \"" + ours + "\"\n", "", "warning: listener[0].address: " + ours + " is in use, probably by Reconvene"},
		{"port in use by us on one address", "a.example.com", "address = \"0.0.0.0" + ours[strings.LastIndex(ours, ":"):] + "\"\n", "", "is in use, probably by Reconvene"},
		{"address of another machine", "a.example.com", "address = \"192.0.2.1:2525\"\n", "", "192.0.2.1:2525 cannot be opened"},
		{"admin port in use", "a.example.com", "", "[admin]\naddress = \"" + taken + "\"\n", ": admin.address: " + taken + " is in use by another program"},
		{"admin port in use by another page", "a.example.com", "", "[admin]\naddress = \"" + otherPage + "\"\n", ": admin.address: " + otherPage + " is in use by another program"},
		{"admin port in use by us", "a.example.com", "", "[admin]\naddress = \"" + page + "\"\n", "warning: admin.address: " + page + " is in use, probably by Reconvene"},
		{"no folder for the log", "a.example.com", "", "[log]\nfile = \"none/log\"\n", ": log.file: the folder"},
		{"log is a folder", "a.example.com", "", "[log]\nfile = \".\"\n", ": log.file"},
		{"log in a file", "a.example.com", "", "[log]\nfile = \"file/log\"\n", ": log.file"},
		{"no folder for the ledger", "a.example.com", "", "[state]\ndirectory = \"" + filepath.ToSlash(dir) + "/none\"\n", "warning: state.directory: the folder"},
		{"no folder for large messages", "a.example.com", "", "[limits]\ndirectory = \"none\"\n", ": limits.directory: "},
		{"new log", "a.example.com", "", "[log]\nfile = \"new.log\"\n", ""},
		{"expired", "a.example.com", tls + "cert = \"old.pem\"\nkey = \"old.key\"\n", "", "warning: listener[0].tls.cert: the certificate expired on"},
		{"another name", "b.example.com", tls + "cert = \"cert.pem\"\nkey = \"key.pem\"\n", "", "warning: listener[0].tls.cert: the certificate is for another name"},
		{"TLS is off", "b.example.com", "[listener.tls]\nmode = \"off\"\ncert = \"cert.pem\"\n", "", "warning: listener[0].tls.mode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "hostname = \"" + c.host + "\"\n[[listener]]\n"
			if !strings.HasPrefix(c.listener, "address") {
				text += "address = \"127.0.0.1:0\"\n"
			}
			text += c.listener + "[[route]]\nvia = [\"127.0.0.1:24\"]\n" + c.rest
			if !strings.Contains(text, "[admin]") {
				text += "[admin]\naddress = \"\"\n"
			}
			problems := problemsOf(t, dir, text)
			if c.want == "" && len(problems) > 0 || c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want)) {
				t.Errorf("got %v\nwant %q", problems, c.want)
			}
			if strings.HasPrefix(c.want, ": ") && len(problems) == 1 && problems[0].Warning {
				t.Error("it is only a warning")
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "new.log")); err == nil {
		t.Error("check made the log file")
	}
	if runtime.GOOS != "windows" && os.Geteuid() != 0 {
		locked := filepath.Join(dir, "locked")
		if err := os.Mkdir(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		const good = "hostname = \"a.example.com\"\n[[listener]]\naddress = \"127.0.0.1:0\"\n[[route]]\nvia = [\"127.0.0.1:24\"]\n[admin]\naddress = \"\"\n"
		if p := problemsOf(t, dir, good+"[log]\nfile = \"locked/log\"\n"); p.Err() == nil {
			t.Errorf("a folder that cannot be written: %v", p)
		}
		for rest, want := range map[string]string{"[limits]\ndirectory = \"locked\"\n": "gets 452", "[state]\ndirectory = \"" + locked + "\"\n": "there is no ledger"} {
			if p := problemsOf(t, dir, good+rest); len(p) != 1 || !p[0].Warning || !strings.Contains(p[0].Text, want) {
				t.Errorf("%s: %v, want %q", rest, p, want)
			}
		}
	}
}

// greeter answers each connection with one line.
func greeter(t *testing.T, line string) string {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(line))
			conn.Close()
		}
	}()
	return socket.Addr().String()
}

// A next hop that is this machine is found by every address and name.
func TestRouteToOurselves(t *testing.T) {
	own := []string{"127.0.0.1:2599", "127.5.5.5:2599", "localhost:2599", "LOCALHOST:2599", "[::1]:2599", "a.example.com:2599", "0.0.0.0:2599"}
	if name, err := os.Hostname(); err == nil && !strings.ContainsAny(name, "_") {
		own = append(own, name+":2599")
	}
	networks, _ := net.InterfaceAddrs()
	for _, n := range networks {
		if ip, ok := n.(*net.IPNet); ok && ip.IP.To4() != nil {
			own = append(own, net.JoinHostPort(ip.IP.String(), "2599"))
		}
	}
	load := func(listener, via string) error {
		path := filepath.Join(t.TempDir(), "reconvene.toml")
		write(t, path, fmt.Sprintf("hostname = \"a.example.com\"\n[[listener]]\naddress = %q\n[[route]]\nvia = [%q]\n", listener, via))
		_, problems := config.Load(path, nil)
		return problems.Err()
	}
	for _, via := range own {
		if err := load("0.0.0.0:2599", via); err == nil || !strings.Contains(err.Error(), "mail would loop") {
			t.Errorf("%s: %v", via, err)
		}
	}
	if err := load("0.0.0.0:25", "127.0.0.1"); err == nil {
		t.Error("the port that follows from tls is not looked at")
	}
	for _, via := range []string{"127.0.0.1:2600", "192.0.2.7:2599", "b.example.com:2599"} {
		if err := load("0.0.0.0:2599", via); err != nil {
			t.Errorf("%s: %v", via, err)
		}
	}
}

// Networks that together are the internet make an open relay only where the
// administrator says so.
func TestOpenRelay(t *testing.T) {
	for allow, open := range map[string]bool{
		`"0.0.0.0/0"`: true, `"::/0"`: true, `"0.0.0.0/1", "128.0.0.0/1"`: true, `"128.0.0.0/1"`: true, `"::/1", "8000::/1"`: true, `"2000::/3"`: true,
		`"2000::/5", "2800::/5"`: true, `"0.0.0.0/2", "64.0.0.0/2", "10.0.0.0/8"`: true,
		`"10.0.0.0/8", "10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16"`: false, `"fd00::/8", "fe80::/10"`: false, `"0.0.0.0/2", "0.0.0.0/2", "10.0.0.0/8"`: false,
	} {
		for _, key := range []string{"", "open_relay = true\n", "direction = \"inbound\"\n"} {
			path := filepath.Join(t.TempDir(), "reconvene.toml")
			write(t, path, "hostname = \"a.example.com\"\n[[listener]]\n"+key+"allow = ["+allow+"]\n[[route]]\ndomains = [\"a.example\"]\nvia = [\"x:25\"]\n")
			_, problems := config.Load(path, nil)
			if refused := problems.Err() != nil; refused != (open && key == "") {
				t.Errorf("%s %s: %v", allow, key, problems)
			}
		}
	}
}

// A file by Notepad or PowerShell is read.
func TestWindowsFiles(t *testing.T) {
	const text = "hostname = \"a.example.com\"\r\n[[listener]]\r\nname = \"caf\u00e9\"\r\n[[route]]\r\nvia = [\"x:25\"]\r\n"
	ascii := strings.ReplaceAll(text, "\u00e9", "e")
	big := func(s string) string { return "\x00" + strings.Join(strings.Split(s, ""), "\x00") }
	for name, octets := range map[string]string{"BOM": "\ufeff" + text, "UTF-16": "\xff\xfe" + wide(ascii), "UTF-16BE": "\xfe\xff" + big(ascii),
		"no BOM": wide(ascii), "no BOM, BE": big(ascii)} {
		path := filepath.Join(t.TempDir(), "reconvene.toml")
		write(t, path, octets)
		cfg, problems := config.Load(path, nil)
		if len(problems) > 0 || !strings.HasPrefix(cfg.Listeners[0].Name, "caf") {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

// Every backslash in a Windows path gets the same hint.
func TestBackslashHint(t *testing.T) {
	for _, value := range []string{`"C:\logs"`, `"C:\temp"`, `"C:\users"`, `"\\server\share"`, `"C:\new\x"`, `"C:\"`} {
		path := filepath.Join(t.TempDir(), "reconvene.toml")
		write(t, path, "hostname = \"a.example.com\"\n[log]\nfile = "+value+"\n")
		_, problems := config.Load(path, nil)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), "in Windows paths use '…'") || problems[0].Line != 3 && problems[len(problems)-1].Line != 3 {
			t.Errorf("%s: %v", value, problems)
		}
	}
}

// An address that is none is reported once.
func TestCheckAddressOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.toml")
	text := "hostname = \"smarthost.example.com\"\n[[listener]]\naddress = \"127.0.0.1\"\n[[route]]\nvia = [\"192.0.2.1:25\"]\n[admin]\naddress = \"\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, problems := config.Check(file, nil); len(problems) != 1 || !strings.Contains(fmt.Sprint(problems), "has no port") {
		t.Errorf("%v", problems)
	}
}

// What is wrong with the TOML itself is said with what to write.
func TestSyntaxHint(t *testing.T) {
	for text, want := range map[string]string{
		"hostname = a.example.com\n":                            "2: unexpected character U+0061 'a' at start of value; put text in quotes",
		"[[route]]\nvia = [\"a:25]\n":                           "3: a text has no quote at its end; write it on one line",
		"hostname = 'a.example.com\n":                           "2: a text has no quote at its end; write it on one line",
		"[rewrite]\nmode = \"fix\"\n[rewrite]\nheader = true\n": "4: table rewrite already exists; write each table and each key once",
		"hostname = \"a\"\nhostname = \"b\"\n":                  "3: key hostname is already defined; write each table and each key once",
		"hostname = \u201ca.example.com\u201d\n":                "2: a quote is a typographic one; write straight quotes",
		"[rewrite]\nheader = True\n":                            "3: unexpected character U+0054 'T' at start of value; write true or false, in small letters",
		"[rewrite]\nheader = Yes # always\n":                    "write true or false, in small letters",
		"; old\nhostname = \"a\"\n":                             "2: invalid character at start of key: U+003B ';'; a line is [a table], key = value, or a comment that begins with #",
		"hostname: a.example.com\n":                             "2: expected '=' after key; write key = value",
		"[[route]]\nvia = [\"a:25\"\n":                          "array is incomplete; put ] at the end of the list",
		"[[listener]]\ntls = \"off\"\n[listener.tls]\n":         "key tls should be a table, not a value; write its keys below",
		"[listener]\n[[listener]]\n":                            "already exists as a table, but should be an array table; write each table",
	} {
		path := filepath.Join(t.TempDir(), "reconvene.toml")
		write(t, path, "# a comment\n"+text)
		if _, problems := config.Load(path, nil); len(problems) != 1 || !strings.Contains(problems[0].Error(), want) {
			t.Errorf("%q: %v, want %s", text, problems, want)
		}
	}
}

// A key in the wrong table is told where it belongs, also if another name is near.
func TestKeyOfAnotherTable(t *testing.T) {
	for text, want := range map[string]string{
		"[[route]]\nvia = [\"x:25\"]\nhostname = \"a.example.com\"\n": "route[0].hostname: there is no such key; it belongs to the top of the file, above the first [table]",
		"[[listener]]\nmode = \"optional\"\n":                         "belongs to [listener.tls] or [rewrite]",
		"address = \"0.0.0.0:25\"\n":                                  "address: there is no such key; it belongs to [[listener]] or [admin]",
		"[[listener]]\nvia = [\"x:25\"]\n":                            "belongs to [[route]]",
	} {
		path := filepath.Join(t.TempDir(), "reconvene.toml")
		write(t, path, text)
		if _, problems := config.Load(path, nil); !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%q: %v, want %s", text, problems, want)
		}
	}
}

// Every relative path is that of a file beside the configuration.
func TestStateBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for value, want := range map[string]string{"state": filepath.Join(dir, "state"), "none": "none", "": ""} {
		path := filepath.Join(dir, "reconvene.toml")
		write(t, path, fmt.Sprintf("hostname = \"a.example.com\"\n[state]\ndirectory = %q\n[[route]]\nvia = [\"x:25\"]\n", value))
		if cfg, problems := config.Load(path, nil); cfg == nil || cfg.State.Directory != want {
			t.Errorf("%q: %v, %v", value, cfg, problems)
		}
	}
}
