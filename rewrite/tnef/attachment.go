package tnef

import "strings"

// Attachment is one attachment of a message.
type Attachment struct {
	Props     Props    // attAttachment, followed by the values of other attributes that it lacks
	Name      string   // the file name, without folders; "" when the stream has none
	Type      string   // the media type in the stream; "" when it has none
	ContentID string   // without angle brackets
	Data      []byte   // the file; nil when there is none or Embedded is set
	Inline    bool     // the HTML refers to it by its ContentID
	Embedded  *Message // an attached message

	said Props // what attributes say that a property could say too
}

// attachment decodes an attribute of an attachment. attAttachRenddata begins
// one; the attributes before the first belong to one without it.
func (d *decoder) attachment(a leveled, c *cursor) error {
	m := d.m
	if a.ID == AttAttachRenddata || len(m.Attachments) == 0 {
		if err := d.spend(1); err != nil {
			return err
		}
		m.Attachments = append(m.Attachments, Attachment{})
	}
	at := &m.Attachments[len(m.Attachments)-1]
	switch a.ID {
	case AttAttachData:
		at.Data = a.Data
	case AttAttachTitle:
		return d.name(at, pidTagAttachFilename, a.Data)
	case attAttachTransportName:
		return d.name(at, pidTagAttachTransportName, a.Data)
	case attAttachMetaFile:
		at.said = at.said.fill(Props{{Type: TypeBinary, ID: pidTagAttachRendering, Value: a.Data}})
	case AttAttachment:
		props, err := d.list(c)
		at.Props = append(at.Props, props...)
		d.rest(a, c)
		return err
	}
	return nil
}

func (d *decoder) name(at *Attachment, id uint16, b []byte) error {
	var s string
	err := d.text(cString(b), &s)
	at.said = at.said.fill(Props{{Type: TypeString8, ID: id, Value: s}})
	return err
}

// describe fills the fields that the properties say.
func (at *Attachment) describe() {
	at.Props, at.said = at.Props.fill(at.said), nil
	for _, id := range []uint16{PidTagAttachLongFilename, pidTagAttachFilename, pidTagAttachTransportName, PidTagDisplayName} {
		s, _ := at.Props.Get(id).Text()
		if at.Name = baseName(s); at.Name != "" {
			break
		}
	}
	at.Type, _ = at.Props.Get(PidTagAttachMimeTag).Text()
	at.ContentID, _ = at.Props.Get(PidTagAttachContentID).Text()
	at.ContentID = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(at.ContentID), "<"), ">")
	flags, _ := at.Props.Get(PidTagAttachFlags).Int()
	hidden, _ := at.Props.Get(PidTagAttachmentHidden).boolean()
	at.Inline = at.ContentID != "" && (hidden || flags&attachFlagRenderedInBody != 0)

	switch v := at.Props.object().(type) {
	case *Message:
		at.Embedded, at.Data = v, nil
	case []byte:
		if len(at.Data) == 0 {
			at.Data = v
		}
	}
}

// object gives what PidTagAttachData holds: octets, a message, or the octets
// of another object without its interface id.
func (p Props) object() any {
	data := p.Get(PidTagAttachData)
	if data == nil {
		return nil
	}
	if b, ok := data.Bytes(); ok && data.Type == TypeObject && len(b) >= len(GUID{}) {
		return b[len(GUID{}):]
	}
	return data.Value
}

// baseName cuts the folders off a file name: they are of the sender's machine.
func baseName(s string) string {
	return strings.TrimSpace(s[strings.LastIndexAny(s, `/\`)+1:])
}
