package mime

import "io"

// window shows a source block by block. What at returns is valid until the
// next call.
type window struct {
	src    Source
	size   int64
	off    int64  // of buf in the source
	buf    []byte // what was read
	block  []byte
	pooled *[]byte
	err    error // the first read error; after it everything is empty

	arriving *arriving // the source is not there yet; nil when it is
}

func newWindow(src Source) *window {
	p := blocks.Get().(*[]byte)
	return &window{src: src, size: src.Size(), pooled: p, block: *p}
}

func (w *window) close() {
	blocks.Put(w.pooled)
	w.block, w.buf = nil, nil
}

// at returns the octets from off on: at least want of them, fewer only at the
// end of the source.
func (w *window) at(off int64, want int) []byte {
	if off < 0 || off >= w.size || w.err != nil {
		return nil
	}
	if w.arriving != nil {
		return w.wait(off, want)
	}
	have := w.off + int64(len(w.buf))
	if off >= w.off && off < have && (have == w.size || have-off >= int64(want)) {
		return w.buf[off-w.off:]
	}
	if want > len(w.block) {
		w.block = make([]byte, want)
	}
	n := int(min(int64(len(w.block)), w.size-off))
	got, err := w.src.ReadAt(w.block[:n], off)
	if got < n {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF // the source is shorter than it said
		}
		w.err, w.buf = err, nil
		return nil
	}
	w.off, w.buf = off, w.block[:n]
	return w.buf
}

// last reports whether b, which at returned for off, reaches the end.
func (w *window) last(off int64, b []byte) bool { return off+int64(len(b)) >= w.size }
