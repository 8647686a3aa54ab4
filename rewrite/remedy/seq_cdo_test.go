package remedy

import "testing"

func TestSeqCDO(t *testing.T) {
	tests := []struct{ name, seq, cdo, want string }{
		{"raised", "SEQUENCE:0", "X-MICROSOFT-CDO-APPT-SEQUENCE:3", "SEQUENCE:3"},
		{"equal", "SEQUENCE:3", "X-MICROSOFT-CDO-APPT-SEQUENCE:3", "SEQUENCE:3"},
		{"never lowered", "SEQUENCE:4", "X-MICROSOFT-CDO-APPT-SEQUENCE:3", "SEQUENCE:4"},
		{"no number", "SEQUENCE:0", "X-MICROSOFT-CDO-APPT-SEQUENCE:x", "SEQUENCE:0"},
		{"beyond 31 bits", "SEQUENCE:0", "X-MICROSOFT-CDO-APPT-SEQUENCE:4294967295", "SEQUENCE:0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, findings := run(t, "seq-cdo", event("UID:1", tt.seq, tt.cdo))
			if want := event("UID:1", tt.want, tt.cdo); out != want {
				t.Errorf("got %q, want %q", out, want)
			}
			if got, want := len(findings), 0; (tt.seq != tt.want) != (got > want) {
				t.Errorf("%d findings", got)
			}
		})
	}
}
