package relay

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLogValue is how many octets of one value reach the log.
const maxLogValue = 1024

// NewLogHandler returns the handler of the log: format is "text" (key=value) or
// "json", one line per record. No control character, no character that turns the
// writing direction and no broken UTF-8 reaches w, whoever chose it; values are
// shorten at 1,024 octets.
func NewLogHandler(w io.Writer, format string, level slog.Leveler) slog.Handler {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return cleanHandler{slog.NewJSONHandler(w, o)}
	}
	return cleanHandler{slog.NewTextHandler(w, o)}
}

// cleanHandler cleans the values of a record before the next handler sees them.
// A record with clean values is passed on as it is.
type cleanHandler struct{ next slog.Handler }

func (h cleanHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h cleanHandler) Handle(ctx context.Context, r slog.Record) error {
	dirty := !isClean(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		dirty = dirty || !cleanAttr(&a)
		return !dirty
	})
	if !dirty {
		return h.next.Handle(ctx, r)
	}
	c := slog.NewRecord(r.Time, r.Level, clean(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		cleanAttr(&a)
		c.AddAttrs(a)
		return true
	})
	return h.next.Handle(ctx, c)
}

func (h cleanHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	own := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		cleanAttr(&a)
		own[i] = a
	}
	return cleanHandler{h.next.WithAttrs(own)}
}

func (h cleanHandler) WithGroup(name string) slog.Handler {
	return cleanHandler{h.next.WithGroup(clean(name))}
}

// cleanAttr cleans an attribute in place; false says that it had to.
func cleanAttr(a *slog.Attr) bool {
	ok := isClean(a.Key)
	if !ok {
		a.Key = clean(a.Key)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if s := a.Value.String(); !isClean(s) {
			a.Value = slog.StringValue(clean(s))
			return false
		}
		return ok
	case slog.KindAny, slog.KindLogValuer, slog.KindGroup:
		// Rare: errors and structures. Their text is what is logged.
		a.Value = slog.StringValue(clean(fmt.Sprint(a.Value.Resolve().Any())))
		return false
	default:
		return ok // numbers, times and truth values
	}
}

// isClean says whether s may be logged as it is. It is called for every value.
func isClean(s string) bool {
	if len(s) > maxLogValue {
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

// logged says whether a character may stand in the log: no controls (C0, DEL,
// C1), no line or paragraph separators, no format characters (bidirectional
// overrides, zero-width), nothing unassigned.
func logged(r rune) bool { return unicode.IsPrint(r) }

// clean replaces what may not be logged by U+FFFD and cuts s, before and after:
// a replacement may be longer than what it replaces.
func clean(s string) string {
	kept := shorten(s)
	cleaned := strings.Map(func(r rune) rune {
		if !logged(r) {
			return utf8.RuneError
		}
		return r
	}, kept)
	short := shorten(cleaned)
	if len(kept) < len(s) || len(short) < len(cleaned) {
		return short + "…"
	}
	return short
}

// shorten returns the part of s that fits, without half a character at its end.
func shorten(s string) string {
	if len(s) <= maxLogValue {
		return s
	}
	n := maxLogValue
	for n > maxLogValue-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
