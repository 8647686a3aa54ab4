package remedy

import "github.com/reconvene/reconvene/rewrite/ical"

// todoPriorityMissing gives a task the priority that it lacks: 0 means that
// there is none (RFC 5545 §3.8.1.9), so nothing is said that was not said
// before.
func todoPriorityMissing() *Remedy {
	return &Remedy{
		ID:       "todo-priority-missing",
		Summary:  "add PRIORITY:0 to a task without a priority",
		Why:      "A task that is assigned, changed or published must have a priority. Strict programs refuse it without one.",
		Source:   "RFC 5546 §3.4.1, §3.4.2, §3.4.4, §3.4.7; measured with libical",
		Profiles: []Profile{Standard},
		Looks:    []string{"METHOD:REQUEST", "METHOD:PUBLISH", "METHOD:ADD", "METHOD:COUNTER"},
		Run: func(c *Object) {
			switch c.Method() {
			case "REQUEST", "PUBLISH", "ADD", "COUNTER":
			default:
				return
			}
			for _, todo := range c.schedulable() {
				if todo.Name == "VTODO" && todo.Has("UID") && !todo.Has("PRIORITY") && c.Found(found(Warning, todo, "PRIORITY", "", "0")) {
					todo.Add(ical.NewLine("PRIORITY", "0"))
				}
			}
		},
	}
}
