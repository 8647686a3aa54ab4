package delivery

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/reconvene/reconvene/relay/envelope"
)

const (
	// maxReceived is the number of Received fields at which a message is taken for
	// one that runs in a circle. RFC 5321 §6.3 asks for at least 100: a path through
	// cloud services and filters has dozens.
	maxReceived = 100
	// maxOwnReceived is the same for those that we wrote ourselves. A message may
	// pass this server more than once legitimately: outbound, back in from a list,
	// when a rule forwards it.
	maxOwnReceived = 10
)

// hops is the number of Received fields of a message.
type hops struct {
	all int
	own int // that we wrote
}

// checkLoop returns a refusal when a message with these fields is in a loop;
// otherwise the verdict has code 0.
func (m *Message) checkLoop(h hops) envelope.Verdict {
	limits := &m.Config.Limits
	code := [3]int{5, 4, 6}
	switch {
	case h.all >= cmp.Or(limits.ReceivedFields, maxReceived):
		return envelope.Refuse(554, code, "mail loop: the message has %d Received fields", h.all)
	case h.own >= cmp.Or(limits.OwnReceivedFields, maxOwnReceived):
		return envelope.Refuse(554, code, "mail loop: the message has passed %s %d times: check where the next hop sends it", m.Hostname, h.own)
	}
	return envelope.Verdict{}
}

const (
	// maxHeaderScan is where the search for Received fields ends.
	maxHeaderScan = 1 << 20
	// maxOwnField is more than a Received field of ours has before its id.
	maxOwnField = 2 << 10
)

var headerReaders = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// countReceived counts the Received fields of a message, and among them those that
// name hostname in the form that trace.field writes.
func countReceived(message io.ReaderAt, size int64, hostname string) (h hops, err error) {
	r := headerReaders.Get().(*bufio.Reader)
	defer headerReaders.Put(r)
	r.Reset(io.NewSectionReader(message, 0, min(size, maxHeaderScan)))
	defer r.Reset(nil)
	var field []byte // the Received field that is being read, its beginning
	end := func() {
		if len(field) > 0 && isOwn(field, hostname) {
			h.own++
		}
		field = field[:0]
	}
	within := false // within a line that is longer than the buffer
	for {
		line, err := r.ReadSlice('\n')
		if !within && (len(line) == 0 || line[0] != ' ' && line[0] != '\t') {
			end()
			if len(bytes.TrimRight(line, "\r\n")) == 0 && err == nil {
				return h, nil
			}
			if isReceived(line) {
				h.all++
				field = append(field, line...)
			}
		} else if len(field) > 0 && len(field) < maxOwnField {
			field = append(field, line...)
		}
		switch err {
		case nil:
			within = false
		case bufio.ErrBufferFull:
			within = true
		case io.EOF:
			end()
			return h, nil
		default:
			return h, err
		}
	}
}

func isReceived(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	return found && strings.EqualFold(string(bytes.TrimRight(name, " \t")), "Received")
}

// ownForm is how our field begins: "Received: from hello ([address]) by hostname
// with protocol id", however somebody folded it since. Other servers that go by
// the same name write something else between the name and "with".
var ownForm = []string{"Received:", "from", "", "", "by", "", "with", "", "id"}

// isOwn reports whether we wrote a Received field.
func isOwn(field []byte, hostname string) bool {
	words := strings.Fields(string(field))
	if len(words) <= len(ownForm) || !strings.EqualFold(words[5], hostname) || !strings.HasPrefix(words[3], "([") {
		return false
	}
	return slices.EqualFunc(words[:len(ownForm)], ownForm, func(word, form string) bool { return form == "" || form == word })
}
