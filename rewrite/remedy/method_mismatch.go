package remedy

import "strings"

// methodMismatch makes the method parameter of the part say what the calendar
// says: applications obey the calendar (RFC 6047 §2.4).
func methodMismatch() *Remedy {
	return &Remedy{
		ID:       "method-mismatch",
		Summary:  "make the method parameter of the part agree with METHOD",
		Why:      "Outlook on the web and on phones refuses a meeting whose mail header and calendar name different methods; others follow one or the other.",
		Source:   "RFC 6047 §2.4; vibetype pull request 2368",
		Profiles: []Profile{Standard},
		Stage:    Part,
		Run: func(c *Object) {
			body, header := c.Method(), strings.ToUpper(strings.TrimSpace(c.Part.Method))
			if c.Part.Bare || header == "" || header == body || !isMethod(body) {
				return
			}
			f := partFound(Error, "method", c.Part.Method, body)
			if header == "CANCEL" && body == "REQUEST" && allCancelled(c) {
				c.leave(f, "the header and STATUS say cancelled, METHOD does not: it is not certain which one is meant")
				return
			}
			if c.Found(f) {
				c.Part.Method = body
			}
		},
	}
}

func allCancelled(c *Object) bool {
	some := false
	for _, ev := range c.schedulable() {
		some = true
		if !isCancelled(ev.Value("STATUS")) {
			return false
		}
	}
	return some
}
