package main

import "testing"

func TestRuleWords(t *testing.T) {
	tests := []struct{ rule, want string }{
		{"FREQ=DAILY", "every day"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=5;WKST=SU", "every 2 weeks on Monday and Thursday 5 times"},
		{"FREQ=DAILY;BYDAY=MO, TU, WE, TH, FR", "every day from Monday to Friday"},
		{"FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"},
		{"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261231", "every month on the last Friday until Thu 31 Dec 2026"},
		{"FREQ=MONTHLY;BYDAY=TU;BYSETPOS=3", "every month on the third Tuesday"},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on the last weekday"},
		{"FREQ=MONTHLY;BYMONTHDAY=1,-1", "every month on day 1 and the last day"},
		{"FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=17;COUNT=1", "every year on day 17 in May once"},
		{"FREQ=DAILY;COUNT=1", "by rule only once"},
		{"FREQ=WEEKLY;UNTIL=20260625T130000Z", "every week until Thu 25 Jun 2026 13:00 UTC"},
		{"FREQ=YEARLY;BYWEEKNO=20", "every year (BYWEEKNO=20)"},
		{"FREQ=MONTHLY;BYSETPOS=2", "every month (BYSETPOS=2)"},
		{"FREQ=NEVER;BYDAY=XX", "with FREQ=NEVER on XX"},
		{"", "with FREQ="},
		{"FREQ=WEEKLY;BYDAY=\x1b[2J", "every week on ␛[2J"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if got := ruleWords(tt.rule); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
