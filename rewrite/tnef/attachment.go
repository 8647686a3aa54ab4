package tnef

// Attachment is one attachment of a message.
type Attachment struct {
	Props     Props    // attAttachment, and after it what the other attributes say
	Name      string   // the file name, without folders; "" when nothing says one
	Type      string   // the media type the stream names; "" when it names none
	ContentID string   // without angle brackets
	Data      []byte   // the file; nil when Embedded is set
	Inline    bool     // shown in the HTML by its ContentID
	Embedded  *Message // an attached message
}
