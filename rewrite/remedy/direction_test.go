package remedy

import "testing"

func TestTreats(t *testing.T) {
	everyone, domino := []Profile{Standard}, []Profile{Domino}
	tests := []struct {
		name    string
		r       Remedy
		p       Profile
		out, in bool
	}{
		{"both ways", Remedy{Profiles: everyone}, Google, true, true},
		{"for another receiver", Remedy{Profiles: domino}, Google, false, false},
		{"only out", Remedy{Profiles: everyone, Way: OnlyOut}, Google, true, false},
		{"only in", Remedy{Profiles: everyone, Way: OnlyIn}, Google, false, true},
		{"only in, for another server", Remedy{Profiles: []Profile{Exchange2003}, Way: OnlyIn}, Exchange2007, false, false},
		{"own servers", Remedy{Profiles: domino, Own: microsoft()}, Exchange2007, false, true},
		{"not for Domino on the way in", Remedy{Profiles: domino, Own: microsoft()}, Domino, true, false},
		{"diagnosis", Remedy{Never: true, Way: OnlyIn}, Exchange2003, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if out, in := tt.r.AppliesTo(tt.p, Outbound), tt.r.AppliesTo(tt.p, Inbound); out != tt.out || in != tt.in {
				t.Errorf("out %v, in %v; want %v, %v", out, in, tt.out, tt.in)
			}
		})
	}
}
