package tnef

import (
	"encoding/binary"
	"math"
	"time"
)

// Write encodes a message. Reading the result of Write for a message that came from
// Read returns an equal message. A property without a Type gets the type of its
// Value; one whose Value has no type is omitted. An 8-bit string that cannot be
// written in the code page is written as Unicode.
func Write(m *Message) []byte {
	w := &writer{page: codepage(m.Codepage)}
	if w.page == 0 {
		w.page = defaultCodepage
	}
	w.b = append(w.b, Signature...)
	w.u16(1) // attach key: any number but zero
	w.message(m)
	return w.b
}

// writer appends to b. All numbers are little-endian.
type writer struct {
	b    []byte
	page codepage
}

func (w *writer) u16(v uint16) { w.b = binary.LittleEndian.AppendUint16(w.b, v) }
func (w *writer) u32(v uint32) { w.b = binary.LittleEndian.AppendUint32(w.b, v) }
func (w *writer) u64(v uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, v) }

func (w *writer) message(m *Message) {
	const tnefVersion = 0x00010000
	w.attribute(levelMessage, attTnefVersion, func() { w.u32(tnefVersion) })
	w.attribute(levelMessage, AttOemCodepage, func() { w.u32(uint32(w.page)); w.u32(0) })
	if m.Class != "" {
		class, _ := w.page.encode(m.Class)
		w.raw(levelMessage, AttMessageClass, append(class, 0))
	}
	for _, a := range m.Attributes {
		w.raw(levelMessage, a.ID, a.Data)
	}
	if len(m.Recipients) > 0 {
		w.attribute(levelMessage, AttRecipTable, func() {
			w.u32(uint32(len(m.Recipients)))
			for _, row := range m.Recipients {
				w.list(row)
			}
		})
	}
	if len(m.Props) > 0 {
		w.attribute(levelMessage, AttMsgProps, func() { w.list(m.Props) })
	}
	for i := range m.Attachments {
		w.attachment(&m.Attachments[i])
	}
}

// attachment writes the attributes of one attachment. Fields that differ from
// what the properties say are written before these, where they win.
func (w *writer) attachment(at *Attachment) {
	w.attribute(levelAttachment, AttAttachRenddata, func() {
		w.u16(1) // a file
		w.u32(math.MaxUint32)
		w.u16(32) // the size of an icon
		w.u16(32)
		w.u32(0)
	})
	said := Attachment{Props: at.Props}
	said.describe()
	var props Props
	say := func(add bool, id uint16, v any) {
		if add {
			props = append(props, Prop{ID: id, Value: v})
		}
	}
	say(at.Embedded != said.Embedded, PidTagAttachData, at.Embedded)
	say(at.Embedded != said.Embedded, PidTagAttachMethod, int32(attachMethodEmbedded))
	say(at.Name != said.Name, PidTagAttachLongFilename, at.Name)
	say(at.Type != said.Type, PidTagAttachMimeTag, at.Type)
	say(at.ContentID != said.ContentID, PidTagAttachContentID, at.ContentID)
	say(at.Inline && !said.Inline, PidTagAttachFlags, int32(attachFlagRenderedInBody))
	if props = append(props, at.Props...); at.Data != nil && said.Data == nil {
		w.raw(levelAttachment, AttAttachData, at.Data)
	}
	if len(props) > 0 {
		w.attribute(levelAttachment, AttAttachment, func() { w.list(props) })
	}
}

func (w *writer) raw(level byte, id uint32, data []byte) {
	w.attribute(level, id, func() { w.b = append(w.b, data...) })
}

// attribute writes an attribute whose data the function appends.
func (w *writer) attribute(level byte, id uint32, data func()) {
	w.b = append(w.b, level)
	w.u32(id)
	w.u32(0)
	start := len(w.b)
	data()
	binary.LittleEndian.PutUint32(w.b[start-4:], uint32(len(w.b)-start))
	w.u16(checksum(w.b[start:]))
}

// list writes a property list ([MS-OXTNEF] §2.1.3.4).
func (w *writer) list(props Props) {
	at, n := len(w.b), 0
	w.u32(0)
	for i := range props {
		if p, ok := w.typed(props[i]); ok {
			w.prop(p)
			n++
		}
	}
	binary.LittleEndian.PutUint32(w.b[at:], uint32(n))
}

func (w *writer) prop(p Prop) {
	if p.Named != nil && p.ID < firstNamed {
		// QUIRK(exchange): Exchange 2010 gives all named properties this id.
		p.ID = firstNamed
	}
	w.u16(p.Type)
	w.u16(p.ID)
	if p.ID >= firstNamed {
		w.name(p.Named)
	}
	if p.Type&MVFlag != 0 {
		w.several(p.Type, p.Value)
		return
	}
	if variable(p.Type) {
		w.u32(1)
	}
	w.value(p.Type, p.Value)
}

func (w *writer) name(n *Name) {
	if n == nil {
		n = new(Name)
	}
	w.b = append(w.b, n.Set[:]...)
	if n.Text == "" {
		w.u32(0)
		w.u32(n.LID)
		return
	}
	w.u32(1)
	w.sized(append(encodeUTF16(n.Text), 0, 0))
}

// value writes one value. typed has seen to it that the type is v's.
func (w *writer) value(typ uint16, v any) {
	switch v := v.(type) {
	case int16:
		w.u32(uint32(uint16(v)))
	case int32:
		w.u32(uint32(v))
	case int64:
		w.u64(uint64(v))
	case bool:
		if v {
			w.u32(1)
		} else {
			w.u32(0)
		}
	case float64:
		if typ&^MVFlag == TypeFloat {
			w.u32(math.Float32bits(float32(v)))
		} else {
			w.u64(math.Float64bits(v))
		}
	case time.Time:
		w.u64(toFiletime(v))
	case GUID:
		w.b = append(w.b, v[:]...)
	case []byte:
		w.sized(v)
	case string:
		if typ&^MVFlag == TypeString8 {
			b, _ := w.page.encode(v)
			w.sized(append(b, 0))
		} else {
			w.sized(append(encodeUTF16(v), 0, 0))
		}
	case *Message:
		w.sized(append(iidMessage[:len(iidMessage):len(iidMessage)], Write(v)...))
	}
}

// sized writes a length, the octets, and padding to a multiple of four.
func (w *writer) sized(b []byte) {
	w.u32(uint32(len(b)))
	w.b = append(w.b, b...)
	w.b = append(w.b, make([]byte, -len(b)&3)...)
}
