package relay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/reconvene/reconvene/config"
)

// maxLogValue is how many octets of one value reach the log, and maxIdentity
// those of a value that identifies: an address, a Message-ID, a UID. A longer one
// is no longer written for people; its digest still tells it from any other.
const (
	maxLogValue = 1024
	maxIdentity = 16 << 10
)

// identities are the keys whose values are never shortened.
var identities = map[string]bool{"id": true, "conn": true, "from": true, "to": true, "msgid": true,
	"uid": true, "uid_sent": true, "recurrence_id": true, "recurrence_id_sent": true}

// BatchHandler is a handler that writes several records in one write.
type BatchHandler interface {
	slog.Handler
	HandleAll(ctx context.Context, records []slog.Record) error
}

// NewLogHandler returns the handler of the log. Each record becomes one line, in the
// format "text" (key=value) or "json". Control characters, characters that change
// the direction of writing and invalid UTF-8 are replaced, whoever chose the value.
// Values are shortened to 1,024 octets, except those that identify a message, a
// meeting or an address. Each call writes to w once.
func NewLogHandler(w io.Writer, format config.LogFormat, level slog.Leveler) BatchHandler {
	h := &logHandler{to: &logBuffer{w: w}, json: format == config.LogJSON}
	o := &slog.HandlerOptions{Level: level}
	if h.json {
		h.next = slog.NewJSONHandler(&h.to.buf, o)
	} else {
		h.next = slog.NewTextHandler(&h.to.buf, o)
	}
	return h
}

// logBuffer collects the lines of one write.
type logBuffer struct {
	mu  sync.Mutex
	w   io.Writer
	buf bytes.Buffer
}

// maxIdleBuffer is the largest buffer that is kept between two writes.
const maxIdleBuffer = 64 << 10

// logHandler cleans the values of a record before it passes it on. A record with
// clean values is passed on as it is.
type logHandler struct {
	to   *logBuffer
	next slog.Handler // writes to the buffer
	json bool
}

func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.HandleAll(ctx, []slog.Record{r})
}

// HandleAll implements [BatchHandler].
func (h *logHandler) HandleAll(ctx context.Context, records []slog.Record) error {
	h.to.mu.Lock()
	defer h.to.mu.Unlock()
	buf := &h.to.buf
	buf.Reset()
	for _, r := range records {
		if err := h.next.Handle(ctx, h.cleaned(r)); err != nil {
			return err
		}
	}
	if buf.Len() == 0 {
		return nil
	}
	_, err := h.to.w.Write(buf.Bytes())
	if buf.Cap() > maxIdleBuffer {
		*buf = bytes.Buffer{}
	}
	return err
}

func (h *logHandler) cleaned(r slog.Record) slog.Record {
	dirty := !isClean(r.Message, maxLogValue)
	r.Attrs(func(a slog.Attr) bool {
		dirty = dirty || !h.cleanAttr(&a)
		return !dirty
	})
	if !dirty {
		return r
	}
	c := slog.NewRecord(r.Time, r.Level, clean(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		h.cleanAttr(&a)
		c.AddAttrs(a)
		return true
	})
	return c
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	own := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		h.cleanAttr(&a)
		own[i] = a
	}
	return &logHandler{h.to, h.next.WithAttrs(own), h.json}
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.to, h.next.WithGroup(clean(name)), h.json}
}

// cleanAttr cleans an attribute in place; it returns false when that changed it.
func (h *logHandler) cleanAttr(a *slog.Attr) bool {
	ok := isClean(a.Key, maxLogValue)
	if !ok {
		a.Key = clean(a.Key)
	}
	limit := maxLogValue
	if identities[a.Key] {
		limit = maxIdentity
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if s := a.Value.String(); !isClean(s, limit) {
			a.Value = slog.StringValue(cleanTo(s, limit))
			return false
		}
		return ok
	case slog.KindAny, slog.KindLogValuer, slog.KindGroup:
		if list, is := a.Value.Any().([]string); is {
			a.Value = h.list(list, limit)
			return false
		}
		// Rare: errors and structures. Their text is what is logged.
		a.Value = slog.StringValue(clean(fmt.Sprint(a.Value.Resolve().Any())))
		return false
	default:
		return ok // numbers, times and truth values
	}
}

// list is an array in JSON; in text the items are joined by commas, and a comma
// or a backslash in one has a backslash in front.
func (h *logHandler) list(items []string, limit int) slog.Value {
	out := make([]string, len(items))
	for i, s := range items {
		if out[i] = s; !isClean(s, limit) {
			out[i] = cleanTo(s, limit)
		}
		if !h.json && strings.ContainsAny(out[i], `,\`) {
			out[i] = listEscaper.Replace(out[i])
		}
	}
	if h.json {
		return slog.AnyValue(out)
	}
	return slog.StringValue(strings.Join(out, ","))
}

var listEscaper = strings.NewReplacer(`\`, `\\`, ",", `\,`)

// isClean reports whether s may be logged as it is. It is called for every value.
func isClean(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || c >= utf8.RuneSelf {
			return isCleanUTF8(s[i:])
		}
	}
	return true
}

func isCleanUTF8(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !logged(r) {
			return false
		}
	}
	return true
}

// logged reports whether a character may be logged: no control characters (C0, DEL,
// C1), no line or paragraph separators, no format characters (bidirectional
// overrides, zero-width), nothing unassigned.
func logged(r rune) bool { return unicode.IsPrint(r) }

// clean is cleanTo with the limit for values that do not identify anything.
func clean(s string) string { return cleanTo(s, maxLogValue) }

// cleanTo replaces characters that may not be logged by U+FFFD. It cuts s before and
// after, since a replacement may be longer than what it replaces. A value that
// identifies something is not cut: beyond its limit the digest of the whole follows
// the beginning.
func cleanTo(s string, limit int) string {
	kept := shorten(s, limit)
	digest := ""
	if limit == maxIdentity && len(s) > limit {
		sum := sha256.Sum256([]byte(s))
		digest = "sha256:" + hex.EncodeToString(sum[:])
		kept = shorten(s, maxLogValue)
	}
	cleaned := strings.Map(func(r rune) rune {
		if !logged(r) {
			return utf8.RuneError
		}
		return r
	}, kept)
	short := cleaned
	if limit != maxIdentity {
		short = shorten(cleaned, limit)
	}
	if len(kept) < len(s) || len(short) < len(cleaned) {
		return short + "…" + digest
	}
	return short
}

// shorten returns the beginning of s that fits, without a partial character at its
// end.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > limit-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
