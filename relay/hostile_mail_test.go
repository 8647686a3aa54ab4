package relay

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/smtptest"
)

// sizes are a mail that is collected, and one that is passed on while it arrives.
func sizes(behind string) map[string]string {
	m := large(behind)
	return map[string]string{"collected": strings.Replace(m, base64Lines, base64Lines[:780], 1), "passed on": m}
}

// eachSize sends a mail of both sizes each way.
func eachSize(t *testing.T, behind string, set func(*smtptest.Peer), change func(*config.Config), test func(t *testing.T, w *way, m string)) {
	for name, m := range sizes(behind) {
		t.Run(name, func(t *testing.T) {
			eachWay(t, set, change, func(t *testing.T, w *way) { test(t, w, m) })
		})
	}
}

// all sends a message in two pieces.
func (w *way) all(m string) {
	w.begin(m, len(m)*3/4)
	w.rest(m, len(m)*3/4)
}

// rawBody is what a next hop has read of a body by DATA, octet for octet, until the
// connection was closed.
type rawBody struct{ octets atomic.Pointer[string] }

func (b *rawBody) set(p *smtptest.Peer) {
	p.On = func(s *smtptest.Session, line string) string {
		if line != "body" {
			return ""
		}
		octets, _ := io.ReadAll(s.Reader)
		text := string(octets)
		b.octets.Store(&text)
		return smtptest.Cut
	}
}

// What is refused because a lax next hop could take it for an end of the message
// does not reach the socket, nor does anything after it.
func TestNothingRefusedReachesTheSocket(t *testing.T) {
	innocent := "QUJD\r\n"
	inner := ".\r\nMAIL FROM:<ceo@sender.example>\r\n"
	for _, bad := range []string{"x\r.\r", "x\r.\r\n", "x\r", "x\r\r\n", "x\n", "x\n.\r\n", "x\n\n", "\x00", ".\x00\r\n", strings.Repeat("y", 998) + ".\r\n"} {
		t.Run(fmt.Sprintf("%.20q", bad), func(t *testing.T) {
			for name, m := range sizes(innocent + bad + inner + innocent) {
				t.Run(name, func(t *testing.T) {
					for _, transport := range []string{"plain", "starttls", "implicit"} {
						for _, in := range []string{"DATA", "BDAT", "BDAT in pieces"} {
							t.Run(transport+"/"+in, func(t *testing.T) {
								t.Parallel()
								var raw rawBody
								w := newWay(t, false, raw.set, nil, "DATA")
								w.c, w.in = w.r.hello(transport), in
								sent := m
								if in == "DATA" {
									sent = strings.ReplaceAll(m, "\r\n.", "\r\n..")
								}
								w.all(sent)
								w.c.expect("554 5.6.11")
								eventually(t, func() bool { return raw.octets.Load() != nil })
								got := *raw.octets.Load()
								if rest := strings.ReplaceAll(got, "\r\n", ""); strings.ContainsAny(rest, "\r\n\x00") || strings.Contains(got, "\r\n.\r\n") || strings.Contains(got, "ceo@") {
									t.Errorf("the next hop read %q", got[max(0, len(got)-100):])
								}
							})
						}
					}
				})
			}
		})
	}
}

// A mail of which others read another structure, or in which they see a signature,
// goes on as it came.
func TestDoubtReachesTheNextHopUnchanged(t *testing.T) {
	const head = "MIME-Version: 1.0\r\n"
	const mixed = "Content-Type: multipart/mixed; boundary=b"
	in := func(fields string) func(string) string {
		return func(m string) string { return strings.Replace(m, head, head+fields, 1) }
	}
	for name, change := range map[string]func(string) string{
		"Content-Type twice": in("Content-Type: multipart/signed; boundary=b\r\n"),
		"a folded type": func(m string) string {
			return strings.Replace(m, mixed, "Content-Type: multipart/\r\n signed; boundary=b", 1)
		},
		"two boundaries":          func(m string) string { return strings.Replace(m, mixed, mixed+"; boundary=c", 1) },
		"a line that is no field": in("this is no field\r\n"),
		"DKIM":                    in("DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=x; b=x\r\n"),
		"ARC":                     in("ARC-Seal: i=1; a=rsa-sha256; cv=none; d=x.example; s=s; b=x\r\n"),
		"PGP": func(m string) string {
			return strings.Replace(m, "END:VCALENDAR\r\n", "END:VCALENDAR\r\n-----BEGIN PGP SIGNATURE-----\r\nx\r\n", 1)
		},
		"a detached signature": func(m string) string {
			return strings.Replace(m, "--b--", "--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachSize(t, lateMeeting, nil, nil, func(t *testing.T, w *way, m string) {
				m = change(m)
				w.all(m)
				w.c.expect("250")
				w.wantWhole(m)
				if log := w.r.log.String(); !strings.Contains(log, "msg=left-alone") {
					t.Errorf("the log does not say why: %s", log)
				}
			})
		})
	}
	t.Run("sound", func(t *testing.T) {
		eachSize(t, lateMeeting, nil, nil, func(t *testing.T, w *way, m string) {
			w.all(m)
			w.c.expect("250")
			if body := w.p.Took()[0].Body; !strings.Contains(body, "SEQUENCE:3\r\n") {
				t.Error("it was not repaired")
			}
		})
	})
}

// A meeting for whose repair there is no room goes on as it came, whether it was
// collected or its beginning is on its way already.
func TestBusyOnEachWay(t *testing.T) {
	change := func(cfg *config.Config) {
		cfg.Rewrite.Timeout, cfg.Rewrite.Wait, cfg.Limits.MemoryTotal = 10*time.Second, 20*time.Millisecond, crowdedMemory
	}
	for size, m := range sizes(lateMeeting) {
		for _, transport := range []string{"plain", "starttls", "implicit"} {
			for _, in := range []string{"DATA", "BDAT", "BDAT in pieces"} {
				for _, out := range []string{"DATA", "CHUNKING"} {
					t.Run(size+"/"+transport+"/"+in+"/"+out, func(t *testing.T) {
						t.Parallel()
						var full crowd
						w := newWay(t, false, nil, change, out, full.alter)
						defer full.leave()
						first := full.comes(w.r)
						eventually(t, full.inside.Load)
						w.c, w.in = w.r.hello(transport), in
						w.all(m)
						w.c.expect("250")
						w.wantWhole(m)
						if log := w.r.log.String(); !strings.Contains(log, "why=busy") {
							t.Errorf("the log does not say why: %s", log)
						}
						full.leave()
						first.expect("250")
					})
				}
			}
		}
	}
}
