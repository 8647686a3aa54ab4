package spool

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"testing/iotest"
)

func TestBody(t *testing.T) {
	random := make([]byte, 5*BlockSize+17)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(random)
	for _, size := range []int{0, 1, BlockSize - 1, BlockSize, BlockSize + 1, 3 * BlockSize, len(random)} {
		for _, inMemory := range []int64{0, 1, BlockSize, 4 * BlockSize, 1 << 30} {
			want := random[:size]
			s := New(Options{Directory: t.TempDir(), InMemory: inMemory})
			for rest := want; len(rest) > 0; {
				n := min(len(rest), 10_007)
				if _, err := s.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if inFile := s.InFile(); inFile != (int64(size) > inMemory) {
				t.Errorf("%d octets with %d in memory: in a file: %v", size, inMemory, inFile)
			}
			if s.Size() != int64(size) || s.EightBit() != hasEightBit(want) {
				t.Errorf("size %d eight bit %v", s.Size(), s.EightBit())
			}
			for range 2 {
				var b bytes.Buffer
				if n, err := s.WriteTo(&b); err != nil || n != int64(size) || !bytes.Equal(b.Bytes(), want) {
					t.Errorf("WriteTo of %d octets with %d in memory: %d, %v", size, inMemory, n, err)
				}
			}
			for _, at := range []int{0, 1, BlockSize, 2 * BlockSize, 3 * BlockSize, 4 * BlockSize, 5 * BlockSize, size} { // every octet of all blocks takes minutes
				from, to := min(max(at-100, 0), size), min(at+100, size)
				if err := iotest.TestReader(io.NewSectionReader(s, int64(from), int64(to-from)), want[from:to]); err != nil {
					t.Errorf("ReadAt of %d octets from %d on with %d in memory: %v", size, from, inMemory, err)
				}
			}
			all := make([]byte, size+1)
			if n, err := s.ReadAt(all, 0); n != size || err != io.EOF || !bytes.Equal(all[:n], want) {
				t.Errorf("ReadAt of all %d octets with %d in memory: %d, %v", size, inMemory, n, err)
			}
			if left, _ := os.ReadDir(s.opt.Directory); len(left) > 0 {
				t.Errorf("a file with a name: %v", left)
			}
			if err := s.Close(); err != nil || s.Close() != nil {
				t.Error(err)
			}
		}
	}
}

// A large message does not stay in memory.
func TestLetsMemoryGo(t *testing.T) {
	s := New(Options{Directory: t.TempDir(), InMemory: 2 * BlockSize})
	defer s.Close()
	block := make([]byte, BlockSize)
	for i := range 10 {
		if _, err := s.Write(block); err != nil {
			t.Fatal(err)
		}
		if len(s.blocks) > 2 || i > 2 && len(s.blocks) > 0 {
			t.Fatalf("%d blocks in memory after %d", len(s.blocks), i+1)
		}
	}
}

func TestLimit(t *testing.T) {
	s := New(Options{MaxSize: 10, InMemory: 100})
	defer s.Close()
	if _, err := s.Write(make([]byte, 10)); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	if _, err := s.Write([]byte{1}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one more: %v", err)
	}
}

func TestEightBit(t *testing.T) {
	for n := range 100 {
		b := bytes.Repeat([]byte{0x7f}, n)
		if hasEightBit(b) {
			t.Errorf("%d octets of 7f", n)
		}
		for i := range b {
			b[i] = 0x80
			if !hasEightBit(b) {
				t.Errorf("missed octet %d of %d", i, n)
			}
			b[i] = 0
		}
	}
}

func BenchmarkBody1M(b *testing.B) {
	block := bytes.Repeat([]byte("0123456789abcde\n"), BlockSize/16)
	b.ReportAllocs()
	b.SetBytes(1 << 20)
	for b.Loop() {
		s := New(Options{InMemory: 1 << 20})
		for range (1 << 20) / BlockSize {
			s.Write(block)
		}
		s.WriteTo(io.Discard)
		s.Close()
	}
}
