package remedy

import "strings"

// requestCancelled reports a request for what is cancelled. To repair it the
// method would have to change, and with it what the receiver does: that is a
// decision of the sender.
func requestCancelled() *Remedy {
	return &Remedy{
		ID:      "request-cancelled",
		Summary: "report METHOD:REQUEST with STATUS:CANCELLED",
		Why:     "Programs built on CDO cancel a meeting by a request with STATUS:CANCELLED. Whoever accepts it gets the meeting back, others keep it; only METHOD:CANCEL takes it away.",
		Source:  "KB 913093; cal.diy#29706; nextcloud/server#46719; RFC 5546 §3.2.2",
		Never:   true,
		Looks:   []string{"METHOD:REQUEST STATUS"},
		Run: func(c *Case) {
			if c.Method() != "REQUEST" {
				return
			}
			for _, ev := range c.schedulable() {
				if v := ev.Value("STATUS"); strings.EqualFold(strings.TrimSpace(v), "CANCELLED") {
					c.leave(found(Error, ev, "STATUS", v, ""), "METHOD:CANCEL would take it away, but the method is the sender's to choose")
				}
			}
		},
	}
}
