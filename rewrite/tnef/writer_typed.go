package tnef

import "time"

// typed gives the property with the type to write it in, false when the value
// fits no type.
func (w *writer) typed(p Prop) (Prop, bool) {
	want, ok := typeOf(p.Value)
	if !ok {
		return p, false
	}
	if p.Type == 0 || !fits(p.Type, want) {
		p.Type = want
	}
	if p.Type&^MVFlag == TypeString8 && !w.encodable(p.Value) {
		p.Type += TypeUnicode - TypeString8
	}
	return p, true
}

// typeOf gives the ordinary type of a Go value.
func typeOf(v any) (uint16, bool) {
	switch v.(type) {
	case nil:
		return TypeNull, true
	case int16:
		return TypeShort, true
	case int32:
		return TypeLong, true
	case int64:
		return TypeInt64, true
	case float64:
		return TypeDouble, true
	case bool:
		return TypeBool, true
	case time.Time:
		return TypeTime, true
	case string:
		return TypeUnicode, true
	case GUID:
		return TypeGUID, true
	case []byte:
		return TypeBinary, true
	case *Message:
		return TypeObject, true
	case []int16:
		return TypeShort | MVFlag, true
	case []int32:
		return TypeLong | MVFlag, true
	case []int64:
		return TypeInt64 | MVFlag, true
	case []float64:
		return TypeDouble | MVFlag, true
	case []time.Time:
		return TypeTime | MVFlag, true
	case []string:
		return TypeUnicode | MVFlag, true
	case []GUID:
		return TypeGUID | MVFlag, true
	case [][]byte:
		return TypeBinary | MVFlag, true
	}
	return 0, false
}

// fits reports whether a value whose ordinary type is want can be written as typ.
func fits(typ, want uint16) bool {
	if typ&MVFlag != want&MVFlag {
		return false
	}
	typ, want = typ&^MVFlag, want&^MVFlag
	switch want {
	case TypeLong:
		return typ == TypeLong || typ == TypeError
	case TypeInt64:
		return typ == TypeInt64 || typ == TypeCurrency
	case TypeDouble:
		return typ == TypeDouble || typ == TypeFloat || typ == TypeAppTime
	case TypeUnicode:
		return typ == TypeUnicode || typ == TypeString8
	case TypeBinary:
		return typ == TypeBinary || typ == TypeObject
	}
	return typ == want
}

func (w *writer) encodable(v any) bool {
	values, ok := v.([]string)
	if s, one := v.(string); one {
		values, ok = []string{s}, true
	}
	for _, s := range values {
		if _, can := w.page.encode(s); !can {
			return false
		}
	}
	return ok
}

// several writes the count and the values of a multi-valued property.
func (w *writer) several(typ uint16, v any) {
	switch v := v.(type) {
	case []int16:
		each(w, typ, v)
	case []int32:
		each(w, typ, v)
	case []int64:
		each(w, typ, v)
	case []float64:
		each(w, typ, v)
	case []time.Time:
		each(w, typ, v)
	case []string:
		each(w, typ, v)
	case []GUID:
		each(w, typ, v)
	case [][]byte:
		each(w, typ, v)
	}
}

func each[T any](w *writer, typ uint16, values []T) {
	w.u32(uint32(len(values)))
	for _, v := range values {
		w.value(typ, v)
	}
}
