package smtptest

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"io"
	"net"
	"strconv"
	"strings"
)

func (s *Session) use(nc net.Conn) { s.Conn, s.Reader = nc, bufio.NewReaderSize(nc, 64<<10) }

// Say writes lines with CRLF.
func (s *Session) Say(lines ...string) bool {
	_, err := io.WriteString(s.Conn, strings.Join(lines, "\r\n")+"\r\n")
	return err == nil
}

func (s *Session) run() {
	if s.Implicit && !s.Handshake() {
		return
	}
	if !s.Answer(s.ask("", s.Greeting)) {
		return
	}
	for {
		line, err := s.Reader.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.Mu.Lock()
		s.Commands = append(s.Commands, line)
		s.Mu.Unlock()
		if reply := s.ask(line, ""); reply != "" {
			verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
			if !s.Answer(reply) || verb == "DATA" && reply[0] == '3' && !s.data() {
				return
			}
			continue
		}
		if !s.command(line) {
			return
		}
	}
}

// ask lets the script speak first.
func (s *Session) ask(line, otherwise string) string {
	if s.On != nil {
		if reply := s.On(s, line); reply != "" {
			return reply
		}
	}
	return otherwise
}

// Answer executes a reply of On or of the peer; it returns false when the connection
// is to be closed.
func (s *Session) Answer(reply string) bool {
	switch reply {
	case Cut:
		return false
	case Reset:
		if tc, ok := s.Conn.(*net.TCPConn); ok {
			tc.SetLinger(0)
		}
		return false
	case Stall:
		gone := make(chan struct{})
		go func() { io.Copy(io.Discard, s.Conn); close(gone) }()
		select {
		case <-s.Quit:
			s.Conn.Close()
			<-gone
		case <-gone:
		}
		return false
	case Hush:
		return true
	}
	return s.Say(reply)
}

// command is how the peer behaves by itself.
func (s *Session) command(line string) bool {
	verb, arg, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return s.EHLO()
	case "HELO":
		return s.Say("250 hop.test")
	case "STARTTLS":
		if s.TLSConfig == nil || s.Secure {
			return s.Say("502 5.5.1 not here")
		}
		return s.Say("220 2.0.0 go ahead") && s.Handshake()
	case "AUTH":
		return s.auth(arg)
	case "MAIL":
		if s.Msg.From != "" {
			return s.Say("503 5.5.1 nested MAIL")
		}
		s.Msg = Message{From: arg, TLS: s.Secure, User: s.user}
		return s.Say("250 2.1.0 sender ok")
	case "RCPT":
		if s.Msg.From == "" {
			return s.Say("503 5.5.1 MAIL first")
		}
		s.Msg.To = append(s.Msg.To, arg)
		return s.Say("250 2.1.5 recipient ok")
	case "DATA":
		if len(s.Msg.To) == 0 {
			return s.Say("503 5.5.1 RCPT first")
		}
		return s.Say("354 go ahead") && s.data()
	case "BDAT":
		return s.bdat(arg)
	case "RSET":
		s.Msg = Message{}
		return s.Say("250 2.0.0 reset")
	case "NOOP":
		return s.Say("250 2.0.0 ok")
	case "QUIT":
		s.Say("221 2.0.0 bye")
		return false
	}
	return s.Say("500 5.5.2 what?")
}

func (s *Session) EHLO() bool {
	lines := append([]string{"hop.test greets you"}, s.Keywords...)
	if s.TLSConfig != nil && !s.Secure {
		lines = append(lines, "STARTTLS")
	}
	if len(s.Users) > 0 {
		lines = append(lines, "AUTH "+cmp.Or(s.Mechanisms, "PLAIN LOGIN XOAUTH2"))
	}
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + l
	}
	return s.Say(lines...)
}

func (s *Session) Handshake() bool {
	tc := tls.Server(s.Conn, s.TLSConfig)
	if tc.Handshake() != nil {
		return false
	}
	s.Secure = true
	s.use(tc)
	return true
}

func (s *Session) data() bool {
	if reply := s.ask("body", ""); reply != "" && !s.Answer(reply) {
		return false
	}
	var body strings.Builder
	for {
		line, err := s.Reader.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		body.WriteString(strings.TrimPrefix(line, "."))
	}
	return s.Finish(body.String(), false)
}

func (s *Session) bdat(arg string) bool {
	fields := strings.Fields(arg)
	if len(fields) == 0 {
		return s.Say("501 5.5.4 how much?")
	}
	n, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return s.Say("501 5.5.4 how much?")
	}
	chunk := make([]byte, n)
	if _, err := io.ReadFull(s.Reader, chunk); err != nil {
		return false
	}
	if len(s.Msg.To) == 0 {
		return s.Say("503 5.5.1 RCPT first")
	}
	s.Msg.Body += string(chunk)
	if len(fields) < 2 {
		return s.Say("250 2.0.0 more")
	}
	return s.Finish(s.Msg.Body, true)
}

// Finish replies to the end of a message; the message is recorded when the reply is
// 2xx.
func (s *Session) Finish(body string, chunk bool) bool {
	s.Msg.Body, s.Msg.Chunk = body, chunk
	reply := s.ask(".", "250 2.6.0 <id@hop.test> queued")
	if reply[0] == '2' {
		s.Mu.Lock()
		s.Messages = append(s.Messages, s.Msg)
		s.Finished++
		s.carried[s.Number-1] = s.Finished
		s.Mu.Unlock()
	}
	s.Msg = Message{}
	if s.After != "" {
		s.Say(reply, s.After)
		return false
	}
	return s.Answer(reply)
}

// Within counts the connection, unless it exceeds the limit.
func (s *Session) Within() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.Excess = s.Most > 0 && len(s.open) >= s.Most; !s.Excess {
		s.open[s.Number] = true
	}
}

// Raw writes below TLS, as an attacker on the path could.
func (s *Session) Raw(text string) {
	nc := s.Conn
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	io.WriteString(nc, text)
}
