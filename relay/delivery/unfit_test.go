package delivery

import (
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

// What comes in to our own Exchange is never sent back.
func TestInboundIsNotSentBack(t *testing.T) {
	found := remedy.Finding{ID: "monthday-zero", Level: remedy.Error, Note: "why"}
	report := rewrite.Report{Meetings: []rewrite.Meeting{{Method: "REQUEST", Profile: remedy.Exchange2003, Findings: []remedy.Finding{found}}}}
	for inbound, want := range map[bool]string{true: "", false: "monthday-zero"} {
		d := &Delivery{Message: Message{Inbound: inbound, Config: &config.Config{Rewrite: config.Rewrite{Refuse: []string{"monthday-zero"}}}}}
		got := ""
		if f := d.unstorable(report, rewrite.Options{Mode: rewrite.Fix}, nil); f != nil {
			got = f.ID
		}
		if got != want {
			t.Errorf("inbound %v: %q, want %q", inbound, got, want)
		}
	}
}
