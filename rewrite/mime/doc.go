// Package mime finds the parts of a message (RFC 2045, RFC 2046) and replaces some
// of them without changing any other octet.
//
// It is called in this order: Scan reads the message once, in blocks, and returns a
// tree of parts with their offsets; [ReadHeader] and [Decode] read one of them; the
// caller changes the text; Encode and HeaderEdit return what is written instead;
// NewSplice joins the source and the edits.
//
// The package never holds a whole message in memory, never writes a part again that
// was not edited, and never fails on a message that is only malformed: what cannot
// be parsed is a leaf. It fails only where a limit is exceeded.
package mime
