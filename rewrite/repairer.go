package rewrite

import (
	"slices"

	"github.com/reconvene/reconvene/rewrite/guard"
	"github.com/reconvene/reconvene/rewrite/ical"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// repairer runs the remedies on one calendar after the other. It has the settings of
// the caller and the receiver, and no access to the message.
type repairer struct {
	o        *Options
	table    *table
	memory   remedy.Memory // nil remembers nothing
	deadline *deadline
	looking  *stages // see selection
	changing *stages // likewise
}

// attempt runs all remedies once, except those that were vetoed.
func (r *repairer) attempt(in input, vetoed []string) (outcome, error) {
	c := r.newObject(in, func(one *remedy.Remedy) bool {
		return r.allows(one) && !slices.Contains(vetoed, one.ID)
	})
	out := outcome{in: in, c: c}
	again := in.known != nil
	if err := r.stage(c, remedy.Octets, again); err != nil {
		return out, err
	}
	out.base = c.Octets
	if err := read(c, in.known); err != nil {
		return out, err
	}
	out.order = guard.Components(c.Doc)
	c.Keep = !again // else see wasBefore
	if err := r.stage(c, remedy.Calendar, again); err != nil {
		return out, err
	}
	if err := r.stage(c, remedy.Part, again); err != nil {
		return out, err
	}
	out.before = c.Kept()
	out.text, out.header, out.applied = out.base, c.Part, c.Applied()
	if !c.Doc.Unchanged() {
		out.text = c.Doc.Bytes()
	}
	return out, nil
}

// allows reports whether the caller wants a remedy at all.
func (r *repairer) allows(one *remedy.Remedy) bool {
	return one.AppliesTo(r.o.Profile, r.o.Direction) && r.enabled(one)
}

// enabled reports whether the administrator lets a remedy change anything.
func (r *repairer) enabled(one *remedy.Remedy) bool {
	return !slices.Contains(r.o.Disable, one.ID) && (!one.OptIn || slices.Contains(r.o.Enable, one.ID))
}

func (r *repairer) newObject(in input, allow func(*remedy.Remedy) bool) *remedy.Object {
	return &remedy.Object{
		Octets:    in.text,
		Mail:      in.mail,
		Part:      in.header,
		Profile:   r.o.Profile,
		Direction: r.o.Direction,
		Now:       r.o.Now,
		Memory:    r.memory,
		Allow:     allow,
		Tick:      r.deadline.tick,
	}
}

// selection is what runs for the receiver of this message; again, only what may
// change something.
func (r *repairer) selection(again bool) *stages {
	if r.looking == nil {
		c := r.table.courseFor(r.o.Profile, r.o.Direction)
		r.looking, r.changing = &c.looking, &c.usual
		if r.o.EveryProfile {
			r.looking = &r.table.all
		}
		if len(r.o.Disable) > 0 || len(r.o.Enable) > 0 {
			enabled := byStage(slices.DeleteFunc(slices.Clone(c.changing), func(one *remedy.Remedy) bool { return !r.enabled(one) }))
			r.changing = &enabled
		}
	}
	if again {
		return r.changing
	}
	return r.looking
}

// smallCalendar is a size up to which no single remedy takes long.
const smallCalendar = 64 << 10

// stage runs the remedies of one stage; again skips diagnoses, which were reported
// before. The time is checked once for a small calendar, else before each remedy.
func (r *repairer) stage(c *remedy.Object, s remedy.Stage, again bool) error {
	err := r.deadline.expired()
	for _, one := range r.selection(again)[s] {
		if err != nil {
			return err
		}
		c.Do(one)
		if len(c.Octets) > smallCalendar {
			err = r.deadline.expired()
		}
	}
	return err
}

// maxLines bounds the content lines of a calendar and with them the memory for
// it. The octets are bounded already by Limits.Calendar; a legacy character set
// may have doubled them.
const maxLines = 100_000

// parse parses the octets of an object. The caller parses the zones.
func parse(c *remedy.Object) error {
	doc, err := ical.Parse(c.Octets, limits(c))
	if err != nil {
		return err
	}
	adopt(c, doc)
	return nil
}

// read parses the octets of an object and its zones; known is the calendar from
// which they were written, if any.
func read(c, known *remedy.Object) error {
	if known == nil || known.Doc == nil {
		err := parse(c)
		c.ResetZones()
		return err
	}
	doc, err := known.Doc.Reread(c.Octets, limits(c))
	if err != nil {
		return err
	}
	adopt(c, doc)
	c.Zones = known.Zones.Renew(c.Cal)
	return nil
}

func limits(c *remedy.Object) ical.Limits {
	return ical.Limits{Size: max(2*len(c.Octets), 1), Lines: maxLines, Tick: c.Tick}
}

// adopt sets the document of an object.
func adopt(c *remedy.Object, doc *ical.Document) {
	c.Doc, c.Cal = doc, doc.Calendar()
}
