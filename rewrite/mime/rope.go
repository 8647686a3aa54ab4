package mime

import (
	"io"
	"sort"
)

// Rope is a message made of spans of sources and of octets in memory, in any order.
// It copies nothing and implements Source.
type Rope struct {
	strands []strand
	ends    []int64 // of each strand in the whole
}

// strand is the octets [from, to) of a source, or of what it holds in memory.
type strand struct {
	src      io.ReaderAt
	from, to int64
}

// memory reads octets that are held.
type memory []byte

func (m memory) ReadAt(b []byte, off int64) (int, error) {
	if off >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(b, m[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// Copy appends a span of a source.
func (r *Rope) Copy(src io.ReaderAt, s Span) {
	if s.Len() > 0 {
		r.strands = append(r.strands, strand{src, s.Start, s.End})
		r.ends = append(r.ends, r.Size()+s.Len())
	}
}

// Write appends octets, which the caller must not change any more.
func (r *Rope) Write(b []byte) { r.Copy(memory(b), Span{0, int64(len(b))}) }

// Held returns how many of its octets are in memory.
func (r *Rope) Held() (n int64) {
	seen := map[*Rope]bool{}
	for _, p := range r.strands {
		switch src := p.src.(type) {
		case memory:
			n += int64(len(src))
		case *Rope:
			if !seen[src] {
				n += src.Held()
			}
			seen[src] = true
		}
	}
	return n
}

// Size implements Source.
func (r *Rope) Size() int64 {
	if len(r.ends) == 0 {
		return 0
	}
	return r.ends[len(r.ends)-1]
}

// ReadAt implements io.ReaderAt.
func (r *Rope) ReadAt(b []byte, off int64) (n int, err error) {
	i := sort.Search(len(r.ends), func(i int) bool { return r.ends[i] > off })
	for ; n < len(b) && i < len(r.strands); i++ {
		p := r.strands[i]
		skip := off - (r.ends[i] - (p.to - p.from))
		want := min(int64(len(b)-n), p.to-p.from-skip)
		m, err := p.src.ReadAt(b[n:n+int(want)], p.from+skip)
		n, off = n+m, off+int64(m)
		if int64(m) < want {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF // the source is shorter than it said
			}
			return n, err
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// Rope returns the result of the splice as a rope.
func (s Splice) Rope() *Rope {
	r := &Rope{}
	at := int64(0)
	for _, e := range s.edits {
		r.Copy(s.src, Span{at, e.Start})
		r.Write(e.Text)
		at = e.End
	}
	r.Copy(s.src, Span{at, s.end()})
	return r
}
