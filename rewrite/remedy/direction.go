package remedy

import "slices"

// Direction says which way a mail goes, as seen from our own Exchange.
type Direction uint8

const (
	Outbound Direction = iota // to others: the profile is theirs
	Inbound                   // to our own Exchange: the profile is its own
)

// Way says in which directions a remedy works.
type Way uint8

const (
	BothWays Way = iota
	OnlyOut      // what leaves our Exchange
	OnlyIn       // what comes to it
)

// Goes reports whether the remedy works on mail of that direction.
func (r *Remedy) Goes(d Direction) bool {
	return r.Way == BothWays || (r.Way == OnlyIn) == (d == Inbound)
}

// AppliesTo reports whether mail of that direction, for a receiver of profile p, gets
// the remedy, given that the administrator enabled it where it is opt-in.
func (r *Remedy) AppliesTo(p Profile, d Direction) bool {
	if d == Inbound && r.Own != nil {
		return !r.Never && (slices.Contains(r.Own, Standard) || slices.Contains(r.Own, p))
	}
	return r.Goes(d) && r.Includes(p)
}
