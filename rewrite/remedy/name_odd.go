package remedy

import (
	"strings"

	"github.com/reconvene/reconvene/rewrite/ical"
)

// nameOdd writes a hyphen for each character in the name of a property that none
// may have: letters, digits and hyphens are all (RFC 5545 §3.1).
//
// QUIRK(domino): name-odd. Notes writes X-LOTUS-CHILD_UID; Domino reads it back.
func nameOdd() *Remedy {
	return &Remedy{
		ID:       "name-odd",
		Summary:  "write a hyphen for a character that is not allowed in a property name",
		Why:      "Domino writes X-LOTUS-CHILD_UID, other programs LAST_MODIFIED. Strict programs refuse a calendar with such a name.",
		Source:   "measured with two of seven libraries on invitations of Notes; RFC 5545 §3.1, name",
		Profiles: []Profile{Standard},
		Except:   []Profile{Domino},
		Facets:   FacetStamp | FacetRecurrence | FacetOccurrences,
		Looks:    []string{"?noname", "?oddname"},
		Run: func(c *Object) {
			if c.Cal == nil {
				return
			}
			c.Doc.Root.Walk(func(comp *ical.Component) {
				for i, it := range comp.Items {
					l := it.Prop
					if l == nil || comp.Name == "" {
						continue
					}
					name := l.Name()
					if name == "" {
						if whole := privateName(l); whole != nil && c.Found(found(Warning, comp, whole.Name(), l.Text(), whole.Text())) {
							comp.Items[i].Prop = whole
						}
						continue
					}
					if strings.IndexByte(name, '_') < 0 && strings.IndexByte(name, '.') < 0 {
						continue
					}
					plain := plainName(name)
					f := found(Warning, comp, name, l.Text(), plain)
					switch {
					case !strings.HasPrefix(plain, "X-") && (!knownProperties[plain] || comp.Has(plain)):
						c.leave(f, "it is not certain which property is meant; the sender's program has to write a name of letters, digits and hyphens")
					case c.Found(f):
						l.SetName(plain)
					}
				}
			})
		},
	}
}

// plainName is a name with hyphens for what a name may not hold.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' {
			return r
		}
		return '-'
	}, name)
}

// privateName returns a line that is no content line only for what is in its
// name, which starts like one of a private property and has no blank in it.
func privateName(l *ical.Line) *ical.Line {
	text := l.Text()
	end := strings.IndexAny(text, ":;")
	if end < 3 || text[:2] != "X-" || strings.ContainsAny(text[:end], " \t\"'=,<>()") {
		return nil
	}
	return readLine(plainName(text[:end]) + text[end:])
}
