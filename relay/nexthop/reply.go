package nexthop

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/reconvene/reconvene/relay/envelope"
)

// Caps on what a server may say (RFC 5321 §4.5.3.1.5 asks for 512 octets a
// line; some say more). Beyond them the connection is given up.
const (
	maxReplyLine   = 2 << 10
	maxReplyLines  = 512
	maxReplyOctets = 64 << 10
)

// errReply is a reply that cannot be parsed: what follows on the connection cannot
// be trusted either.
var errReply = errors.New("malformed reply")

// reply is a server's reply to one command (RFC 5321 §4.2.1).
type reply struct {
	code     int
	enhanced [3]int   // RFC 3463; zero when none was given
	text     []string // without code and enhanced code, without control characters
}

// readReply reads one reply. br must have a buffer of at least maxReplyLine octets.
func readReply(br *bufio.Reader) (reply, error) {
	var r reply
	for octets := 0; ; {
		line, err := readReplyLine(br)
		if err != nil {
			return reply{}, err
		}
		code, last, text, err := parseReplyLine(line)
		if err != nil {
			return reply{}, err
		}
		switch octets += len(line); {
		case r.code != 0 && code != r.code:
			return reply{}, fmt.Errorf("%w: code %d continues %d", errReply, code, r.code)
		case len(r.text) == maxReplyLines || octets > maxReplyOctets:
			return reply{}, fmt.Errorf("%w: longer than %d lines or %d octets", errReply, maxReplyLines, maxReplyOctets)
		}
		r.code = code
		if enhanced, rest := cutEnhanced(text, code); enhanced != [3]int{} {
			r.enhanced, text = enhanced, rest
		}
		r.text = append(r.text, envelope.CleanText(text))
		if last {
			return r, nil
		}
	}
}

// readReplyLine returns a line without its end, valid until the next read.
// QUIRK: a bare LF ends a line too; some servers send nothing else.
func readReplyLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadSlice('\n')
	if err == bufio.ErrBufferFull || len(line) > maxReplyLine {
		return nil, fmt.Errorf("%w: a line is longer than %d octets", errReply, maxReplyLine)
	}
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}

// parseReplyLine parses `250-text`, `250 text` or `250`.
func parseReplyLine(line []byte) (code int, last bool, text []byte, err error) {
	if len(line) < 3 {
		return 0, false, nil, fmt.Errorf("%w: %q", errReply, line)
	}
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false, nil, fmt.Errorf("%w: no code in %.40q", errReply, line)
		}
		code = code*10 + int(c-'0')
	}
	if code < 200 || code > 599 {
		return 0, false, nil, fmt.Errorf("%w: code %03d does not exist", errReply, code)
	}
	if len(line) == 3 {
		return code, true, nil, nil
	}
	switch line[3] {
	case ' ':
		return code, true, line[4:], nil
	case '-':
		return code, false, line[4:], nil
	}
	return 0, false, nil, fmt.Errorf("%w: %.40q", errReply, line)
}

// cutEnhanced removes the enhanced status code from the beginning of a reply's text
// (RFC 2034 §4). A code whose class contradicts the reply code is left in the text.
func cutEnhanced(text []byte, code int) (enhanced [3]int, rest []byte) {
	i := 0
	for n := range enhanced {
		start := i
		for ; i < len(text) && i-start < 3 && text[i] >= '0' && text[i] <= '9'; i++ {
			enhanced[n] = enhanced[n]*10 + int(text[i]-'0')
		}
		if i == start || n == 0 && enhanced[0] != code/100 {
			return [3]int{}, text
		}
		if n < 2 {
			if i == len(text) || text[i] != '.' {
				return [3]int{}, text
			}
			i++
		}
	}
	if i == len(text) {
		return enhanced, nil
	}
	if text[i] != ' ' {
		return [3]int{}, text
	}
	return enhanced, text[i+1:]
}

// verdict returns the reply as a verdict. 421 announces that the server closes its
// connection to us (RFC 5321 §3.8); our client's connection stays open, so that it
// gets 451 with the same text.
func (r reply) verdict(remote string) envelope.Verdict {
	v := envelope.Verdict{Code: r.code, Enhanced: r.enhanced, Text: r.text, Remote: remote}
	if v.Code == 421 {
		v.Code = 451
	}
	return v
}
