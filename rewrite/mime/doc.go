// Package mime says where the parts of a message are (RFC 2045, RFC 2046) and
// puts repaired ones in without touching an octet of the rest.
//
// It is called in this order: [Scan] reads the message once, in blocks, and
// returns a tree of parts with their offsets; [Part.Header] and [Part.Decode]
// read one of them; the caller repairs the text; [Encode] and [HeaderEdit]
// say what has to be written instead; [NewSplice] joins the source and the
// edits.
//
// The package never holds a whole message in memory, never writes a part
// again that was not edited, and never fails on a message that is merely
// malformed: what cannot be understood is a leaf. It fails only where a limit
// is exceeded.
package mime
