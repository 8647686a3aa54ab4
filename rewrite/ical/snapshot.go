package ical

// Snapshot copies the tree of a document that has not been changed yet, and shares
// its lines, which costs much less than parsing the text again. Restore must be
// called before anything but the order of the lines is used.
func (d *Document) Snapshot() *Document {
	subs, items := 0, 0
	d.Root.Walk(func(c *Component) {
		subs++
		items += len(c.Items)
	})
	s := &snapshot{subs: make([]Component, subs), items: make([]Item, items)}
	same := *d
	same.Root = s.copy(d.Root, nil)
	return &same
}

// snapshot holds the room for a copy, so that not each part is an allocation.
type snapshot struct {
	subs  []Component
	items []Item
}

// copy recurses; the depth of the tree is bounded by Limits.Depth.
func (s *snapshot) copy(c, parent *Component) *Component {
	to := &s.subs[0]
	s.subs = s.subs[1:]
	*to = *c
	to.parent = parent
	n := len(c.Items)
	to.Items, s.items = s.items[:n:n], s.items[n:]
	for i, it := range c.Items {
		if it.Sub != nil {
			it.Sub = s.copy(it.Sub, to)
		}
		to.Items[i] = it
	}
	return to
}

// Restore makes a snapshot equal to the result of Parse: it parses again the lines
// that were edited in the document since.
func (d *Document) Restore() {
	sc := &scanner{loneCR: d.loneCR}
	d.Root.Walk(func(c *Component) {
		c.Begin, c.End = sc.again(c.Begin), sc.again(c.End)
		for i, it := range c.Items {
			if it.Prop == nil || !it.Prop.Edited() {
				continue
			}
			l := sc.again(it.Prop)
			if l.upper == "END" {
				l.fault |= FaultSyntax // as closeComponent says
			}
			c.Items[i].Prop = l
		}
	})
}

// again reads an edited line from its octets. A line ends where its octets
// end, so it is read as it was in the whole text.
func (s *scanner) again(l *Line) *Line {
	if l == nil || !l.Edited() || l.raw == "" {
		return l
	}
	s.text, s.pos = l.raw, 0
	return s.next()
}
