package remedy

import "strings"

// methodCase writes the method in upper case, in the calendar and in the
// header of the part.
func methodCase() *Remedy {
	return &Remedy{
		ID:       "method-case",
		Summary:  "write METHOD and the method parameter in upper case",
		Why:      "Methods are case-insensitive, but some receivers (Tutanota) compare them octet by octet and then show no response buttons.",
		Source:   "tutanota issue 2960",
		Profiles: []Profile{Standard},
		Run: func(c *Object) {
			upper := func(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
			if c.Cal != nil {
				if l := c.Cal.First("METHOD"); l != nil {
					after := upper(l.Value())
					if after != l.Value() && isMethod(after) && c.Found(found(Info, c.Cal, "METHOD", l.Value(), after)) {
						l.SetValue(after)
					}
				}
			}
			after := upper(c.Part.Method)
			if after != c.Part.Method && isMethod(after) && c.Found(partFound(Info, "method", c.Part.Method, after)) {
				c.Part.Method = after
			}
		},
	}
}
