package remedy

import "slices"

// Direction is the direction of a message, as seen from our own Exchange.
type Direction uint8

const (
	Outbound Direction = iota // to others: the profile is that of the receiver
	Inbound                   // to our own Exchange: the profile is that of this Exchange
)

// Way is the directions in which a remedy is used.
type Way uint8

const (
	BothWays Way = iota
	OnlyOut      // messages from our Exchange
	OnlyIn       // messages to our Exchange
)

// Goes reports whether the remedy is for messages of that direction.
func (r *Remedy) Goes(d Direction) bool {
	return r.Way == BothWays || (r.Way == OnlyIn) == (d == Inbound)
}

// AppliesTo reports whether the remedy is used for messages of that direction to a
// receiver of profile p, assuming that the administrator has enabled it if it is
// opt-in.
func (r *Remedy) AppliesTo(p Profile, d Direction) bool {
	if d == Inbound && r.Own != nil {
		return !r.Never && (slices.Contains(r.Own, Standard) || slices.Contains(r.Own, p))
	}
	return r.Goes(d) && r.Includes(p)
}
