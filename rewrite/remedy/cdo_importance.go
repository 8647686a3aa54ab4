package remedy

import (
	"strconv"
	"strings"
)

// cdoImportance reports an importance that is not the priority.
func cdoImportance() *Remedy {
	return &Remedy{
		ID:      "cdo-importance",
		Summary: "report X-MICROSOFT-CDO-IMPORTANCE that contradicts PRIORITY",
		Why:     "Exchange writes the importance of a meeting twice. When the two differ, Outlook shows another importance than other programs; there is no other effect.",
		Source:  "Evolution's notes on X-MICROSOFT-CDO properties; RFC 5545 §3.8.1.9",
		Never:   true,
		Looks:   []string{"X-MICROSOFT-CDO-IMPORTANCE PRIORITY"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				own := strings.TrimSpace(ev.Value("X-MICROSOFT-CDO-IMPORTANCE"))
				priority, err := strconv.Atoi(strings.TrimSpace(ev.Value("PRIORITY")))
				if own == "" || err != nil || priority == 0 {
					continue // 0 is no priority at all
				}
				if own != importance(priority) {
					c.leave(found(Info, ev, "X-MICROSOFT-CDO-IMPORTANCE", own, ""), "PRIORITY is "+strconv.Itoa(priority))
				}
			}
		},
	}
}

// importance is the value that belongs to a priority: 2 high, 1 normal, 0 low.
func importance(priority int) string {
	switch {
	case priority < 5:
		return "2"
	case priority == 5:
		return "1"
	default:
		return "0"
	}
}
