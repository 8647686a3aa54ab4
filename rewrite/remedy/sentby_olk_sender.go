package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// sentbyOlkSender tells Outlook 2007 who sent a request for somebody else.
//
// QUIRK(outlook): sentby-olk-sender. Never on an answer, which Outlook would
// then attribute to the wrong person.
func sentbyOlkSender() *Remedy {
	return &Remedy{
		ID:       "sentby-olk-sender",
		Summary:  "add X-MS-OLK-SENDER when ORGANIZER has SENT-BY",
		Why:      "Outlook 2007 shows the wrong sender of a request that an assistant sent, unless its own property names the assistant.",
		Source:   "Zimbra bugs 25777 and 33009; Thunderbird CalItipMessageSender",
		Profiles: []Profile{Exchange2007},
		Looks:    []string{";SENT-BY"},
		Run: func(c *Object) {
			if m := c.Method(); m != "REQUEST" && m != "CANCEL" {
				return
			}
			for _, ev := range c.schedulable() {
				l := ev.First("ORGANIZER")
				if l == nil || ev.Has("X-MS-OLK-SENDER") {
					continue
				}
				addr, ok := mailbox(l.ParamValue("SENT-BY"))
				if !ok || !strings.Contains(addr, "@") {
					continue
				}
				if c.Found(found(Info, ev, "X-MS-OLK-SENDER", "", mailtoScheme+addr)) {
					ev.Add(ical.NewLine("X-MS-OLK-SENDER", mailtoScheme+addr))
				}
			}
		},
	}
}
