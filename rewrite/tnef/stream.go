package tnef

// Signature is how a stream begins (0x223E9F78, little-endian).
const Signature = "\x78\x9f\x3e\x22"

// Limits bound what one stream may cost. Zero fields mean the defaults.
type Limits struct {
	Size       int // octets of the stream
	Properties int // attributes, properties and elements of multi-valued ones, embedded messages included
	Depth      int // embedded messages inside each other
	Expansion  int // octets that compressed RTF may become, embedded messages included
}

// Message is one decoded stream.
type Message struct {
	Class       string      // PidTagMessageClass, or else attMessageClass, without the prefix of Microsoft Mail
	Codepage    int         // Windows code page of the 8-bit strings
	Attributes  []Attribute // message attributes in the order of the stream, but those below
	Props       Props       // attMsgProps, and after it what the other attributes say
	Recipients  []Props     // attRecipTable, a row each
	Attachments []Attachment
	Warnings    []string // faults that lost nothing

	expansion int // what Body may still expand
}

// Read decodes a stream. The error says what is missing when the stream
// cannot be decoded completely.
func Read(b []byte, lim Limits) (*Message, error) {
	return nil, ErrSignature
}
