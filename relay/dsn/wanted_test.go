package dsn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/envelope"
)

// The matrix of RFC 3461 §4.1 and §6.2: which notifications there are for each NOTIFY and
// outcome, and what they return for each RET.
func TestNotifyOutcomeRet(t *testing.T) {
	const fail, delay, deliver, relay = "failed", "delayed", "delivered", "relayed"
	wanted := map[string]string{
		"":                            fail + " " + delay, // the RFC leaves the delays to us
		"NEVER":                       "",
		"never":                       "",
		"SUCCESS":                     deliver + " " + relay,
		"FAILURE":                     fail,
		"DELAY":                       delay,
		"SUCCESS,FAILURE":             deliver + " " + relay + " " + fail,
		"SUCCESS,DELAY":               deliver + " " + relay + " " + delay,
		"FAILURE,DELAY":               fail + " " + delay,
		"success,failure,delay":       deliver + " " + relay + " " + fail + " " + delay,
		"NEVER,SUCCESS,FAILURE,DELAY": "", // not well-formed: the sender said never
		"SOMETHING":                   "",
	}
	for notify, list := range wanted {
		for _, a := range []Action{Failed, Expired, Delayed, Delivered, Relayed} {
			for _, ret := range []string{"", "FULL", "full", "HDRS", "hdrs"} {
				t.Run(fmt.Sprintf("NOTIFY=%s/%s/RET=%s", notify, a, ret), func(t *testing.T) {
					want := strings.Contains(list, string(a.reported()))
					checkOutcome(t, notify, a, ret, want)
				})
			}
		}
	}
}

func checkOutcome(t *testing.T, notify string, a Action, ret string, want bool) {
	t.Helper()
	if Wanted(notify, a) != want {
		t.Fatalf("wanted is %v", !want)
	}
	r := sample()
	r.Envelope.Ret = ret
	r.Recipients[0].Notify, r.Recipients[0].Action = notify, a
	if due := Due("", r.Recipients); len(due) != 0 {
		t.Error("a notification to the null reverse-path")
	}
	if due := Due(r.Envelope.Path, r.Recipients); len(due) == 1 != want {
		t.Errorf("%d recipients are due", len(due))
	}
	if !want {
		return
	}
	text, n := written(t, r)
	full := a.reported() == Failed && !strings.EqualFold(ret, "HDRS")
	if n.Full != full || strings.Contains(text, "BEGIN:VCALENDAR") != full {
		t.Errorf("returned completely: %v, want %v", n.Full, full)
	}
	if !strings.Contains(text, "\r\nAction: "+string(a.reported())+"\r\n") {
		t.Error("the action is missing")
	}
}

func TestDueSelects(t *testing.T) {
	list := []Recipient{
		{Recipient: envelope.Recipient{Path: "a@x.example", Notify: "NEVER"}, Action: Failed},
		{Recipient: envelope.Recipient{Path: "b@x.example"}, Action: Failed},
		{Recipient: envelope.Recipient{Path: "c@x.example"}, Action: Delivered},
	}
	if due := Due("anna@example.com", list); len(due) != 1 || due[0].Path != "b@x.example" {
		t.Errorf("%+v", due)
	}
}
