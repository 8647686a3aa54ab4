package mime

import (
	"errors"
	"io"
	"sort"
)

// Source is the octets of a message.
type Source interface {
	io.ReaderAt
	Size() int64
}

// Edit replaces the octets [Start, End) of a source by Text.
type Edit struct {
	Start, End int64
	Text       []byte
}

// Splice is a source with edits. It copies nothing: what is not edited is read from
// the source when the splice is written.
type Splice struct {
	src   Source
	edits []Edit
	size  int64
}

// NewSplice sorts the edits by their offset; edits at the same offset keep their
// order. It returns false when two edits overlap or one is out of bounds: the splice
// is then the source without any edit.
func NewSplice(src Source, edits []Edit) (Splice, bool) {
	s := Splice{src: src, size: src.Size()}
	if len(edits) == 0 {
		return s, true
	}
	sorted := append([]Edit(nil), edits...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Start < sorted[j].Start })
	at, size := int64(0), s.size
	for _, e := range sorted {
		if e.Start < at || e.End < e.Start || e.End > s.size {
			return s, false
		}
		at = e.End
		size += int64(len(e.Text)) - (e.End - e.Start)
	}
	s.edits, s.size = sorted, size
	return s, true
}

var errEditedBefore = errors.New("an edit is outside the part that is to be written")

// Size returns the number of octets of the result.
func (s Splice) Size() int64 { return s.size }

// Held returns how many octets of the result are in memory.
func (s Splice) Held() (n int64) {
	for _, e := range s.edits {
		n += int64(len(e.Text))
	}
	if r, ok := s.src.(*Rope); ok {
		n += r.Held()
	}
	return n
}

// Edits returns the edits in the order of the text.
func (s Splice) Edits() []Edit { return s.edits }

// WriteTo implements io.WriterTo.
func (s Splice) WriteTo(w io.Writer) (int64, error) { return s.WriteFrom(w, 0) }

// WriteFrom writes what follows the offset at of the source; nothing before it may
// be edited.
func (s Splice) WriteFrom(w io.Writer, at int64) (int64, error) {
	if len(s.edits) > 0 && s.edits[0].Start < at {
		return 0, errEditedBefore
	}
	buf := blocks.Get().(*[]byte)
	defer blocks.Put(buf)
	written := int64(0)
	for i := 0; i <= len(s.edits); i++ {
		next := Edit{Start: s.end(), End: s.end()}
		if i < len(s.edits) {
			next = s.edits[i]
		}
		n, err := s.copy(w, at, next.Start, *buf)
		written += n
		if err != nil {
			return written, err
		}
		if len(next.Text) > 0 {
			m, err := w.Write(next.Text)
			written += int64(m)
			if err != nil {
				return written, err
			}
		}
		at = next.End
	}
	return written, nil
}

func (s Splice) end() int64 {
	if s.src == nil {
		return 0
	}
	return s.src.Size()
}

// copy writes the octets [from, to) of the source in large blocks.
func (s Splice) copy(w io.Writer, from, to int64, buf []byte) (int64, error) {
	done := int64(0)
	for from < to {
		part := buf[:min(int64(len(buf)), to-from)]
		n, err := s.src.ReadAt(part, from)
		if n < len(part) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF // the source is shorter than it said
			}
			return done, err
		}
		m, err := w.Write(part)
		done += int64(m)
		if err != nil {
			return done, err
		}
		from += int64(n)
	}
	return done, nil
}

// Reader returns a reader over the result.
func (s Splice) Reader() io.Reader {
	if s.src == nil {
		return &reader{}
	}
	return &reader{splice: s}
}

// reader reads a Splice from front to back.
type reader struct {
	splice Splice
	at     int64 // in the source
	edit   int   // index of the next edit
	inEdit int   // octets of its text that were read
}

func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for r.edit < len(r.splice.edits) {
		e := r.splice.edits[r.edit]
		if r.at < e.Start {
			break
		}
		if r.inEdit < len(e.Text) {
			n := copy(p, e.Text[r.inEdit:])
			r.inEdit += n
			return n, nil
		}
		r.at, r.inEdit = e.End, 0
		r.edit++
	}
	stop := r.splice.end()
	if r.edit < len(r.splice.edits) {
		stop = r.splice.edits[r.edit].Start
	}
	if r.at >= stop {
		return 0, io.EOF
	}
	n, err := r.splice.src.ReadAt(p[:min(int64(len(p)), stop-r.at)], r.at)
	r.at += int64(n)
	if err == io.EOF && n > 0 {
		err = nil
	} else if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// EightBit reads the result and reports whether it has octets above 127.
func (s Splice) EightBit() (bool, error) {
	_, err := s.WriteTo(eightBitFinder{})
	if err == errEightBit {
		return true, nil
	}
	return false, err
}
