package remedy

// xReplytime drops Exchange's note of when an attendee answered.
func xReplytime() *Remedy {
	return &Remedy{
		ID:       "x-replytime",
		Summary:  "remove X-REPLYTIME of attendees",
		Why:      "Exchange 2003 sends every attendee the times of the other responses. Other systems do not need it, and it is the property that contains the 1601 date of KB 938650.",
		Source:   "KB 938650; Group-Office test data",
		Profiles: []Profile{Standard},
		Looks:    []string{";X-REPLYTIME"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := attendee(it)
					if l == nil {
						continue
					}
					p, ok := l.Param("X-REPLYTIME")
					if ok && c.Found(found(Info, ev, "ATTENDEE", "X-REPLYTIME="+p.Value(), "")) {
						l.DelParam("X-REPLYTIME")
					}
				}
			}
		},
	}
}
