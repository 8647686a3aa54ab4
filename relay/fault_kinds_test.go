package relay

import (
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/reconvene/reconvene/relay/smtptest"
)

// on is the next hop: it refuses one recipient, and misbehaves where it is to.
func (f *fault) on(s *smtptest.Session, line string) string {
	verb, arg, _ := strings.Cut(line, " ")
	switch {
	case strings.HasPrefix(line, "RCPT TO:<nobody"):
		return "550 5.1.1 nobody"
	case s.Number > 1:
		return ""
	case f.point == "RSET" && line == "." && f.refused.CompareAndSwap(false, true):
		return "554 5.6.0 not this one"
	case f.point == "idle" && line == ".":
		f.idle.CompareAndSwap(nil, s)
	case f.point == "body" && (verb == "BDAT" || line == "body"), f.point == "DATA" && verb == "BDAT":
		if f.done.CompareAndSwap(false, true) {
			return f.inBody(s, arg)
		}
	case f.at(line, verb) && f.done.CompareAndSwap(false, true):
		return f.reply(s)
	}
	return ""
}

// at reports whether a line is where the fault belongs.
func (f *fault) at(line, verb string) bool {
	switch f.point {
	case "greeting":
		return line == ""
	case "end":
		return line == "."
	}
	return verb == f.point
}

// reply is the fault in the place of a reply, or lets the reply be spoilt.
func (f *fault) reply(s *smtptest.Session) string {
	switch f.kind {
	case "close":
		return smtptest.Cut
	case "reset":
		return smtptest.Reset
	case "stall":
		f.stalled.Store(true)
		if c := f.first.Load(); c != nil {
			c.hurry()
		}
		return smtptest.Stall
	case "stray", "twice", "late", "split":
		s.Conn = &spoilt{Conn: s.Conn, kind: f.kind}
		return ""
	}
	return f.words()
}

func (f *fault) words() string {
	switch f.kind {
	case "4xx":
		return "451 4.3.0 later"
	case "5xx":
		return "554 5.7.1 no"
	case "garbage":
		return "\xff\x00 what\r\nis this"
	case "oversize":
		return strings.Repeat("451-"+strings.Repeat("x", 500)+"\r\n", 200) + "451 " + strings.Repeat("x", 5000)
	}
	return "250 2.0.0 by the way"
}

// unasked is the fault of an idle connection.
func (f *fault) unasked(s *smtptest.Session) {
	f.done.Store(true)
	switch f.kind {
	case "close":
		s.Conn.Close()
	case "reset":
		s.Answer(smtptest.Reset)
		s.Conn.Close()
	case "stall", "late":
	case "split":
		(&spoilt{Conn: s.Conn, kind: "split"}).Write([]byte("250 2.0.0 by the way\r\n"))
	default:
		io.WriteString(s.Conn, f.words()+"\r\n")
	}
}

// inBody takes some of the body, misbehaves, and takes the rest. What is refused
// is not answered again.
func (f *fault) inBody(s *smtptest.Session, arg string) string {
	size, _, _ := strings.Cut(arg, " ")
	n, _ := strconv.Atoi(size)
	some := f.takeSome(s, n)
	switch said := f.reply(s); said {
	case smtptest.Cut, smtptest.Reset, smtptest.Stall:
		f.said.Store(true)
		return said
	case "":
	default:
		s.Say(said)
		f.said.Store(true)
		if f.collected {
			io.CopyN(io.Discard, s.Reader, int64(max(n-len(some), 0)))
			return smtptest.Cut
		}
		io.Copy(io.Discard, s.Reader)
		return smtptest.Cut
	}
	rest := func() (string, error) { return readRest(s, n, len(some)) }
	if f.kind == "stray" || f.kind == "twice" {
		s.Conn = s.Conn.(*spoilt).Conn
		s.Say("250 2.0.0 by the way")
		f.said.Store(true)
		if f.collected { // when we are told is a matter of luck: let it be true
			more, err := rest()
			if err != nil {
				return smtptest.Cut
			}
			s.Finish(some+more, n > 0)
			return smtptest.Hush
		}
	}
	f.said.Store(true)
	if _, err := rest(); err != nil {
		return smtptest.Cut
	}
	s.Say("452 4.3.1 no room for all of it")
	return smtptest.Cut
}

// takeSome reads half of a chunk of n octets, or the first line of a body by DATA;
// nothing where the fault comes after the command.
func (f *fault) takeSome(s *smtptest.Session, n int) string {
	switch {
	case f.point == "DATA":
		return ""
	case n > 0:
		some := make([]byte, n/2)
		io.ReadFull(s.Reader, some)
		return string(some)
	}
	line, _ := s.Reader.ReadString('\n')
	return line
}

// readRest reads what follows the first octets of a chunk of n, or of a body by DATA.
func readRest(s *smtptest.Session, n, taken int) (string, error) {
	if n > 0 {
		rest := make([]byte, n-taken)
		_, err := io.ReadFull(s.Reader, rest)
		return string(rest), err
	}
	var body strings.Builder
	for {
		line, err := s.Reader.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return body.String(), err
		}
		body.WriteString(line)
	}
}

// spoilt spoils one write.
type spoilt struct {
	net.Conn
	kind string
}

func (s *spoilt) Write(p []byte) (int, error) {
	kind := s.kind
	s.kind = ""
	var err error
	switch kind {
	case "stray":
		_, err = s.Conn.Write(append([]byte("250 2.0.0 by the way\r\n"), p...))
	case "twice":
		_, err = s.Conn.Write(append(p[:len(p):len(p)], p...))
	case "late":
		time.Sleep(30 * time.Millisecond)
		_, err = s.Conn.Write(p)
	case "split":
		for i := range p {
			if _, err = s.Conn.Write(p[i : i+1]); err != nil {
				break
			}
		}
	default:
		return s.Conn.Write(p)
	}
	return len(p), err
}
