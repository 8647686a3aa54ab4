package rewrite

import "github.com/reconvene/reconvene/rewrite/mime"

// What a message takes in memory while it is rewritten, in octets for each octet
// of a part as it is in the message. Measured with the heap collected all the
// time: calendars take 6 (few, long lines) to 34 (many attendees, alarms, events),
// and 47 where every line has four octets. One calendar is parsed at a time; of the
// others only their texts stay.
//
// A winmail.dat is decoded, read, and written anew: it takes 2 (files) to 8 (HTML
// in another character set, small files). Compressed RTF takes 18 and more, for two
// octets of it may become 17; what they become is limited for all of a stream
// (tnef.Limits), and takes 3 for each octet. One stream is open at a time; of the
// others their files stay.
const (
	calendarCost = 48
	textCost     = 4
	tnefCost     = 8
	rtfCost      = 12
	maxRTFCost   = 104 << 20
	fileCost     = 2
)

// memoryCost estimates what the parts of a mail take.
func memoryCost(found []candidate, lim Limits) int64 {
	var largest, all, stream, streams int64
	for _, c := range found {
		octets := c.part.Body.Len()
		if c.tnef {
			octets = min(octets, 2*int64(lim.TNEF))
			stream, streams = max(stream, octets), streams+octets
		} else {
			largest, all = max(largest, octets), all+octets
		}
	}
	largest = min(largest, 2*int64(lim.Calendar)) // a larger one is not read; 2 for its transfer encoding
	wrapper := tnefCost*stream + min(rtfCost*stream, maxRTFCost) + fileCost*(streams-stream)
	return calendarCost*largest + textCost*all + wrapper
}

// admit requests the memory for the work, and starts the time limit afterwards.
func (p *pipeline) admit(octets int64) error {
	if p.o.Admit != nil {
		if err := p.o.Admit(octets); err != nil {
			return err
		}
	}
	p.deadline.restart()
	return nil
}

// ErrLimit reports that a message has more parts, or deeper ones, than Limits allow.
var ErrLimit = mime.ErrLimit
