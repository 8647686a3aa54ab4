package itip

// byName is a table of names that is asked for every line and every parameter of
// a calendar. It looks at the length and three octets of a name before it
// compares the whole.
type byName[T any] [64][]named[T]

type named[T any] struct {
	name string
	is   T
}

func newByName[T any](m map[string]T) *byName[T] {
	var t byName[T]
	for name, is := range m {
		s := slotOf(name)
		t[s] = append(t[s], named[T]{name, is})
	}
	return &t
}

// get returns what has the name, if anything has.
func (t *byName[T]) get(name string) (is T, ok bool) {
	list := t[slotOf(name)]
	for i := range list {
		if list[i].name == name {
			return list[i].is, true
		}
	}
	return is, false
}

func slotOf(name string) uint32 {
	n := len(name)
	if n == 0 {
		return 0
	}
	h := uint32(n)*61 + uint32(name[0])
	h = h*61 + uint32(name[n/2])
	h = h*61 + uint32(name[n-1])
	return h * 0x9E3779B1 >> 26
}
