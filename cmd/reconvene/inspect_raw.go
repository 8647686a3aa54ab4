package main

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/tnef"
)

// rawStream is a winmail.dat as MFCMAPI would show it.
type rawStream struct {
	Part        string      `json:"part,omitempty"`
	Class       string      `json:"class,omitempty"`
	Codepage    int         `json:"codepage,omitempty"`
	Properties  []rawProp   `json:"properties,omitempty"`
	Recipients  [][]rawProp `json:"recipients,omitempty"`
	Attachments []rawFile   `json:"attachments,omitempty"`
	Warnings    []string    `json:"warnings,omitempty"`
	Error       string      `json:"error,omitempty"` // why it cannot be read, or is no meeting
}

type rawProp struct {
	Tag   string `json:"tag"`            // 0x0037001F, or the set and the name
	Name  string `json:"name,omitempty"` // PidTagSubject
	Type  string `json:"type"`           // PtypString
	Value string `json:"value"`
}

type rawFile struct {
	Name       string     `json:"name,omitempty"`
	Size       int        `json:"size"`
	Properties []rawProp  `json:"properties,omitempty"`
	Message    *rawStream `json:"message,omitempty"`
}

func rawStreams(all []rewrite.Envelope) []rawStream {
	var out []rawStream
	for _, e := range all {
		r := rawStream{Part: e.Part}
		if e.Stream != nil {
			r = rawMessage(e.Stream)
			r.Part = e.Part
		}
		if e.Err != nil {
			r.Error = e.Err.Error()
		}
		out = append(out, r)
	}
	return out
}

// rawMessage lists one message. It recurses; tnef.Limits bounds the depth.
func rawMessage(m *tnef.Message) rawStream {
	r := rawStream{Class: m.Class, Codepage: m.Codepage, Properties: rawProps(m.Props), Warnings: m.Warnings}
	for _, row := range m.Recipients {
		r.Recipients = append(r.Recipients, rawProps(row))
	}
	for _, a := range m.Attachments {
		f := rawFile{Name: a.Name, Size: len(a.Data), Properties: rawProps(a.Props)}
		if a.Embedded != nil {
			inner := rawMessage(a.Embedded)
			f.Message = &inner
		}
		r.Attachments = append(r.Attachments, f)
	}
	return r
}

func rawProps(props tnef.Props) []rawProp {
	out := make([]rawProp, 0, len(props))
	for i := range props {
		p := &props[i]
		out = append(out, rawProp{Tag: tagText(p), Name: propName(p), Type: typeName(p.Type), Value: rawValue(p)})
	}
	return out
}

func tagText(p *tnef.Prop) string {
	switch {
	case p.Named == nil:
		return fmt.Sprintf("0x%04X%04X", p.ID, p.Type)
	case p.Named.Text != "":
		return fmt.Sprintf("%s %q", setName(p.Named.Set), p.Named.Text)
	}
	return fmt.Sprintf("%s 0x%04X", setName(p.Named.Set), p.Named.LID)
}

// maxRawValue bounds what is shown of one value, in octets.
const maxRawValue = 4096

// rawValue writes a value as MFCMAPI does: what has a meaning in words is
// followed by them.
func rawValue(p *tnef.Prop) string {
	switch v := p.Value.(type) {
	case nil:
		return ""
	case []byte:
		return rawBytes(v)
	case string:
		return v[:min(len(v), maxRawValue)]
	case int32:
		return numberText(p, int64(v))
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.999Z")
	case *tnef.Message:
		return "a message of class " + v.Class
	case []string:
		return strings.Join(v, "; ")
	case [][]byte:
		var all []string
		for _, b := range v {
			all = append(all, rawBytes(b))
		}
		return strings.Join(all, "; ")
	default:
		return fmt.Sprint(v)
	}
}

// numberText shows flags and codes in hexadecimal too.
func numberText(p *tnef.Prop, n int64) string {
	if words := valueWords(propName(p), n); words != "" {
		return fmt.Sprintf("%d (%s)", n, words)
	}
	if n > 9 || n < 0 {
		return fmt.Sprintf("%d (0x%X)", n, uint32(n))
	}
	return fmt.Sprint(n)
}

func rawBytes(b []byte) string {
	text := strings.ToUpper(hex.EncodeToString(b[:min(len(b), maxRawValue/2)]))
	return fmt.Sprintf("%d octets %s", len(b), text)
}

// raw prints a stream for people.
func (p printer) raw(r rawStream) {
	title := "winmail.dat"
	if r.Part != "" {
		title += " in part " + r.Part
	}
	fmt.Fprintf(p.w, "\n%s\n", p.bold(p.cyan(title)))
	p.field("cannot", r.Error)
	p.rawMessage(r, "  ")
}

func (p printer) rawMessage(r rawStream, indent string) {
	if r.Class != "" || r.Codepage != 0 {
		fmt.Fprintf(p.w, "%s%s\n", indent, p.bold(fmt.Sprintf("class %s, code page %d", oneLine(r.Class, 100), r.Codepage)))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(p.w, "%s%s\n", indent, p.yellow("warning: "+visible(warning)))
	}
	p.rawProps(r.Properties, indent)
	for i, row := range r.Recipients {
		fmt.Fprintf(p.w, "%s%s\n", indent, p.bold(fmt.Sprintf("recipient %d", i+1)))
		p.rawProps(row, indent+"  ")
	}
	for i, f := range r.Attachments {
		fmt.Fprintf(p.w, "%s%s\n", indent, p.bold(fmt.Sprintf("attachment %d: %s, %d octets", i+1, oneLine(f.Name, 100), f.Size)))
		p.rawProps(f.Properties, indent+"  ")
		if f.Message != nil {
			p.rawMessage(*f.Message, indent+"    ")
		}
	}
}

func (p printer) rawProps(props []rawProp, indent string) {
	for _, q := range props {
		name := q.Name
		if name == "" {
			name = "?"
		}
		fmt.Fprintf(p.w, "%s%s %s %s  %s\n", indent, p.dim(fmt.Sprintf("%-26s", visible(q.Tag))),
			fmt.Sprintf("%-34s", visible(name)), p.dim(fmt.Sprintf("%-16s", q.Type)), oneLine(q.Value, 160))
	}
}
