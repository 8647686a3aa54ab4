package ledger_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/reconvene/reconvene/relay/ledger"
)

// fillAll sets the fields of a value, so that a new field is tested without anybody thinking of
// it; of each field zero says whether it stays as it is.
func fillAll(v reflect.Value, n *int, zero func() bool) {
	*n++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(nine.Add(time.Duration(*n) * time.Millisecond)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !zero() {
				fillAll(v.Field(i), n, zero)
			}
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillAll(v.Index(0), n, zero)
		fillAll(v.Index(1), n, zero)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAll(v.Elem(), n, zero)
	case v.Kind() == reflect.String:
		v.SetString("\"\\/\r\n\t\x00\x1f<&>\u2028é😀" + string(rune('a'+*n%26)))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(*n))
	case v.CanFloat():
		v.SetFloat(float64(*n) / 7)
	default:
		panic(v.Type())
	}
}

// An entry of the journal has all that is in a record.
func TestEntry(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		zero := func() bool { return round > 0 && random.IntN(4) == 0 }
		var want ledger.Record
		n := 0
		fillAll(reflect.ValueOf(&want).Elem(), &n, zero)
		if want.ID == "" || want.Time.IsZero() {
			continue
		}
		want.Direction = ""
		if want.Inbound {
			want.Direction = "inbound"
		}
		text := ledger.EncodeEntry(&want)
		if c := strings.Count(string(text), "\n"); c != 1 || !json.Valid(text) {
			t.Fatalf("not one line of JSON: %s", text)
		}
		if d := cmp.Diff(&want, ledger.DecodeEntry(text), cmpopts.IgnoreUnexported(ledger.Record{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	}
}

// Octets that are no UTF-8, and times that JSON has no form for, do not make an entry
// unreadable.
func TestEntryOdd(t *testing.T) {
	r := journaled(2)
	r.Client, r.Components[0].Start = "a\xffb\xed\xa0\x80", time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	got := ledger.DecodeEntry(ledger.EncodeEntry(r))
	if got == nil || got.Client != "a\ufffdb\ufffd" || !got.Components[0].Start.IsZero() {
		t.Errorf("%+v", got)
	}
}
