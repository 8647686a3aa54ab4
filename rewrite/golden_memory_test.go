package rewrite_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/remedy"
)

// goldenPast is what memory.json of a golden mail says of one meeting.
type goldenPast struct {
	UID        string            `json:"uid"`
	Revisions  []remedy.Revision `json:"revisions"`
	Invitation string            `json:"invitation"` // lines, without their CR
	Higher     bool              `json:"raised"`
	Answered   string            `json:"invited"`
}

// goldenMemory reads what went before the mail.
func goldenMemory(t *testing.T, dir, name string) remedy.Memory {
	t.Helper()
	var p goldenPast
	if err := json.Unmarshal(goldenFile(t, dir, name), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p goldenPast) Meeting(uid string) (remedy.Past, bool) {
	return remedy.Past{Revisions: p.Revisions, Invitation: []byte(p.Invitation)}, uid == p.UID
}

func (p goldenPast) Raised(uid string) bool { return p.Higher && uid == p.UID }

func (p goldenPast) Invited(_, _, _ string, _ time.Time) (string, bool) {
	return p.Answered, p.Answered != ""
}
