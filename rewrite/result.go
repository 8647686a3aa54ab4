package rewrite

import (
	"io"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// Result is the message to be sent: the source with the repaired spans replaced, or
// the source itself. It refers to the source and is valid as long as the source is.
type Result struct {
	Report Report

	splice mime.Splice
	signed bool
	held   int64
	moved  bool
}

// Signed reports whether the source has a DKIM signature.
func (r Result) Signed() bool { return r.signed }

// Changed reports whether anything differs from the source.
func (r Result) Changed() bool { return r.Report.Changed }

// Size returns the number of octets that WriteTo writes.
func (r Result) Size() int64 { return r.splice.Size() }

// WriteTo writes the message. It can be called more than once.
func (r Result) WriteTo(w io.Writer) (int64, error) { return r.splice.WriteTo(w) }

// WriteFrom writes what follows the offset at of the source; it fails when something
// before that was changed. It is for a message whose beginning was sent already.
func (r Result) WriteFrom(w io.Writer, at int64) (int64, error) { return r.splice.WriteFrom(w, at) }

// Reader returns a reader over the message.
func (r Result) Reader() io.Reader { return r.splice.Reader() }

// EightBit reads the message and reports whether it has octets above 127.
// Replacements never have any.
func (r Result) EightBit() (bool, error) { return r.splice.EightBit() }

// Held returns how many octets of the message are in memory and not in the
// source.
func (r Result) Held() int64 { return r.held }

// Moved reports whether parts of the message were moved, added or removed. Then
// Edits cannot describe the change.
func (r Result) Moved() bool { return r.moved }

// Edits returns the replacements, in the order of the text; none without a change,
// and none where parts were moved. The slice must not be changed.
func (r Result) Edits() []mime.Edit {
	if r.moved {
		return nil
	}
	return r.splice.Edits()
}
