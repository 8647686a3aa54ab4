package delivery

import (
	"io"
	"reflect"
	"testing"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

func TestMeetingOf(t *testing.T) {
	finding := remedy.Finding{ID: "seq-cdo"}
	meeting := rewrite.Meeting{Profile: remedy.Domino, Findings: []remedy.Finding{finding, finding}, Applied: []string{"seq-cdo"}}
	bare, inside := rewrite.Meeting{}, rewrite.Meeting{UID: "inside"}
	skip := []rewrite.Skip{{What: "message", Why: "signed: multipart/signed"}}
	tests := []struct {
		name   string
		report rewrite.Report
		mode   rewrite.Mode
		err    error
		want   *Meeting
	}{
		{"none", rewrite.Report{}, rewrite.Fix, nil, nil},
		{"repaired", rewrite.Report{Changed: true, Meetings: []rewrite.Meeting{meeting}}, rewrite.Fix, nil,
			&Meeting{Calendars: []rewrite.Meeting{meeting}, Profile: "domino", Findings: []string{"seq-cdo"}, Applied: []string{"seq-cdo"}, Form: "profile", Outcome: Repaired}},
		{"observed", rewrite.Report{Meetings: []rewrite.Meeting{{Findings: []remedy.Finding{finding}}}}, rewrite.Observe, nil,
			&Meeting{Calendars: []rewrite.Meeting{{Findings: []remedy.Finding{finding}}}, Findings: []string{"seq-cdo"}, Form: "as-received", Outcome: Observed}},
		{"clean", rewrite.Report{Meetings: []rewrite.Meeting{bare}}, rewrite.Fix, nil,
			&Meeting{Calendars: []rewrite.Meeting{bare}, Form: "as-received", Outcome: Delivered}},
		{"enclosed", rewrite.Report{Skipped: skip, Enclosed: []rewrite.Meeting{inside}}, rewrite.Fix, nil,
			&Meeting{Calendars: []rewrite.Meeting{inside}, Profile: "standard", Skipped: skip, Form: "as-received", Outcome: LeftAlone}},
		{"left alone", rewrite.Report{Skipped: skip}, rewrite.Fix, nil, &Meeting{Profile: "standard", Skipped: skip, Form: "as-received", Outcome: LeftAlone}},
		{"failed", rewrite.Report{}, rewrite.Fix, io.ErrUnexpectedEOF, &Meeting{Profile: "standard", Form: "as-received", Outcome: LeftAlone, Fault: io.ErrUnexpectedEOF}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := meetingOf(tt.report, rewrite.Options{Mode: tt.mode, Profile: remedy.Standard}, tt.err)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}
