package nexthop

import (
	"testing"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

func TestFingerprint(t *testing.T) {
	for _, tt := range []struct {
		greeting string
		ehlo     string
		keywords []string
		want     string
	}{
		{"host ESMTP Server (Microsoft Exchange Internet Mail Service 5.5.2653.13) ready", "", nil, "exchange2003"},
		{"host Microsoft ESMTP MAIL Service, Version: 5.0.2195.6713 ready at  Mon", "", nil, "exchange2003"},
		{"host Microsoft ESMTP MAIL Service, Version: 6.0.3790.4675 ready at Mon", "", []string{"TURN", "X-LINK2STATE", "XEXCH50"}, "exchange2003"},
		{"host Microsoft ESMTP MAIL Service, Version: 10.0.17763.1 ready at Mon", "", nil, ""},
		{"host Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024", "", []string{"X-ANONYMOUSTLS", "XEXCH50", "XRDST"}, "exchange2007"},
		{"host Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024", "", []string{"XEXCH50", "xshadow"}, "exchange"},
		{"host Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2024", "", nil, "exchange"},
		{"AM1.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Mon [08D1]", "", nil, "exchange"},
		{"mail.example.com ESMTP ready", "", []string{"SIZE 1", "X-ANONYMOUSTLS", "XSHADOWREQUEST"}, "exchange"},
		{"mail.example.com ESMTP ready", "", []string{"X-LINK2STATE"}, "exchange2003"},
		{"host ESMTP Service (Lotus Domino Release 8.5.3FP6 HF1944) ready at Mon", "", nil, "domino"},
		{"host ESMTP Service (IBM Domino Release 9.0.1FP8 HF475) ready at Mon", "", nil, "domino"},
		{"host ESMTP Service (HCL Domino Release 11.0.1) ready at Mon", "", nil, "domino"},
		{"host Lotus SMTP MTA Service Ready", "", nil, "domino"},
		{"mx.google.com ESMTP x6-20020a05600c2b0600b003a5 - gsmtp", "", nil, "google"},
		{"st43p00im-zteg.me.icloud.com ESMTP", "", nil, "apple"},
		{"zimbra.example.com ESMTP Zimbra MTA", "", nil, "zimbra"},
		{"host Lotus Notes ESMTP Server X1.0 on Mon", "", nil, "domino"},
		{"host ESMTP Service (Lotus Domino Build V85_M2_08202008) ready at Mon", "", nil, "domino"},
		{"host ESMTP ready", "mx.google.com at your service, [192.0.2.1]", []string{"SIZE 157286400", "8BITMIME"}, "google"},
		{"smtp-relay.gmail.com ESMTP x6 - gsmtp", "", nil, "google"},
		{"AM1.mail.protection.outlook.com ESMTP", "", []string{"SIZE 157286400", "BINARYMIME", "CHUNKING", "SMTPUTF8"}, "exchange"},
		{"mail.example.com ESMTP", "", []string{"X-EXPS GSSAPI NTLM", "8BITMIME"}, "exchange2003"},
		{"mail.example.com ESMTP", "", []string{"XEXCH50"}, "exchange2003"},
		{"mail.example.com ESMTP", "", []string{"X-EXPS GSSAPI NTLM", "X-ANONYMOUSTLS", "XEXCH50", "XRDST"}, "exchange2007"},
		{"mail.example.com ESMTP", "", []string{"XRDST"}, "exchange"},
		{"gw.example.com GroupWise Internet Agent 18.3 Ready (C)1993 Micro Focus", "", nil, ""},
		{"mail.example.com ESMTP MDaemon 21.0.2; Mon", "", nil, ""},
		{"mail.example.com Kerio Connect 9.4 ESMTP ready", "", nil, ""},
		{"mail.example.com ESMTP CommuniGate Pro 6.3 is glad to see you!", "", nil, ""},
		{"host ESMTP Postfix", "", []string{"PIPELINING", "SIZE 10240000", "8BITMIME"}, ""},
		{"host ESMTP", "", []string{"PIPELINING", "SIZE"}, ""},
		{"**********************", "", nil, ""},
		{"", "", nil, ""},
	} {
		t.Run(tt.greeting, func(t *testing.T) {
			if got := fingerprint(tt.greeting, tt.ehlo, tt.keywords); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestTransactionProfile(t *testing.T) {
	for _, tt := range []struct{ setting, greeting, want string }{
		{"", "220 host ESMTP Service (HCL Domino Release 11.0.1) ready", "domino"},
		{"auto", "220 host ESMTP Service (HCL Domino Release 11.0.1) ready", "domino"},
		{"google", "220 host ESMTP Service (HCL Domino Release 11.0.1) ready", "google"},
		{"auto", "220 host ESMTP Postfix", "standard"},
	} {
		t.Run(tt.setting+" "+tt.greeting, func(t *testing.T) {
			p := smtptest.NewPeer(t, func(p *smtptest.Peer) { p.Greeting = tt.greeting })
			h := newEngine(t, p)
			h.route.Profile = config.Profile(tt.setting)
			tx := h.Begin(h.route)
			defer tx.Abort()
			tx.Envelope(t.Context(), sender, to("a@x"), false)
			if got := tx.Profile(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
