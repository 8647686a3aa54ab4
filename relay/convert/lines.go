package convert

import "bytes"

// Lines is a writer that examines the lines of a message.
type Lines struct {
	Long bool // one has more than 998 octets
	Bare bool // there is a CR or an LF alone, or NUL
	line int64
	cr   bool // the last octet was CR
}

// Write implements io.Writer.
func (l *Lines) Write(p []byte) (int, error) {
	l.Bare = l.Bare || bytes.IndexByte(p, 0) >= 0
	for rest := p; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n')
		text := rest
		if n >= 0 {
			text = rest[:n]
		}
		l.text(text)
		if n < 0 {
			break
		}
		l.Bare = l.Bare || !l.cr
		l.line, l.cr, rest = 0, false, rest[n+1:]
	}
	return len(p), nil
}

// text reads a piece of a line without its LF.
func (l *Lines) text(p []byte) {
	if len(p) == 0 {
		return
	}
	l.Bare = l.Bare || l.cr || bytes.IndexByte(p[:len(p)-1], '\r') >= 0
	if l.cr {
		l.line++
	}
	l.cr = p[len(p)-1] == '\r'
	l.line += int64(len(p))
	if l.cr {
		l.line--
	}
	l.Long = l.Long || l.line > maxLine
}

// Regular reports whether a message that was written has nothing to convert in its
// lines.
func (l *Lines) Regular() bool { return !l.Long && !l.Bare && !l.cr }
