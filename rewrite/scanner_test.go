package rewrite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
)

// checkScanner feeds a mail in pieces and compares with Message, but that no part is moved: the same report and
// the same octets. Nothing before Clear is changed, and of what lies between
// the header and Clear nothing is read again.
func checkScanner(t *testing.T, in []byte, piece int, o rewrite.Options) {
	t.Helper()
	o.Form, o.Now, o.Header = rewrite.Mail, now, false
	want, wantErr := rewrite.InPlace(bytes.NewReader(in), o)
	w := rewrite.NewScanner(o.Limits)
	defer w.Close()
	at := int64(0)
	for rest := in; len(rest) > 0; {
		p := bytes.Clone(rest[:min(piece, len(rest))])
		rest = rest[len(p):]
		w.Write(p)
		clear(p)
		if w.Clear() < at || w.Clear() > int64(len(in)-len(rest)) {
			t.Fatalf("clear went from %d to %d with %d octets", at, w.Clear(), len(in)-len(rest))
		}
		at = w.Clear()
	}
	w.End()
	got, err := w.Finish(bytes.NewReader(in), o)
	if (err == nil) != (wantErr == nil) || got.Changed() != want.Changed() || !reflect.DeepEqual(got.Report, want.Report) {
		t.Fatalf("got %v %+v\nwant %v %+v", err, got.Report, wantErr, want.Report)
	}
	if len(got.Report.Meetings) > 0 && !w.Found() {
		t.Fatal("a meeting that was not announced")
	}
	var a, b bytes.Buffer
	if _, err := got.WriteFrom(&a, at); err != nil {
		t.Fatal(err)
	}
	want.WriteTo(&b)
	if !bytes.Equal(append(bytes.Clone(in[:at]), a.Bytes()...), b.Bytes()) {
		t.Fatal("the octets differ")
	}
}

func TestScannerIsMessage(t *testing.T) {
	for _, path := range globbed(t, "../testdata/meetings/*/in.eml") {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			in, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, piece := range []int{50, 1460, 1 << 20} {
				checkScanner(t, in, piece, rewrite.Options{})
			}
			checkScanner(t, in, 1460, rewrite.Options{TNEF: rewrite.TNEFAll})
		})
	}
}

// FuzzScanner asks for the same of any mail.
func FuzzScanner(f *testing.F) {
	for _, data := range goldenMails(f) {
		f.Add(data, uint16(100))
	}
	f.Fuzz(func(t *testing.T, in []byte, piece uint16) { checkScanner(t, in, int(piece)+1, rewrite.Options{}) })
}
