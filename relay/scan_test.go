package relay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/delivery"
	"github.com/reconvene/reconvene/relay/smtptest"
	"github.com/reconvene/reconvene/rewrite"
)

// names is a To field of many octets.
var names = "To: " + strings.Repeat("\"Person Number\" <person.number@rcpt.example>,\r\n\t", 3000) + "b@rcpt.example\r\n"

// longHeaders are mails whose header sections do not end where the relay first
// looks at what has come.
var longHeaders = map[string]string{
	"mail": "From: a@sender.example\r\n" + names + "Subject: to many\r\n\r\nhello\r\n",
	"part": "From: a@sender.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" +
		base64Lines[:120_042] + "--b\r\nContent-Type: text/plain\r\n" + strings.Repeat("X-Field: "+strings.Repeat("y", 60)+"\r\n", 900) + "\r\nhello\r\n--b--\r\n",
	"part behind a calendar": "From: a@sender.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/calendar\r\n\r\n" +
		base64Lines[:120_042] + "--b\r\nContent-Type: text/plain\r\n" + strings.Repeat("X-Field: "+strings.Repeat("y", 60)+"\r\n", 900) + "\r\nhello\r\n--b--\r\n",
}

// A header section may be of any length, in every mode.
func TestLongHeaderSections(t *testing.T) {
	for name, m := range longHeaders {
		for _, mode := range []string{"fix", "observe", "off"} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				big := func(cfg *config.Config) { cfg.Rewrite.Mode = config.RewriteMode(mode) }
				eachWay(t, nil, big, func(t *testing.T, w *way) {
					w.begin(m, 140_000)
					w.rest(m, 140_000)
					w.c.expect("250 2.6.0 <id@hop.test> queued")
					w.wantWhole(m)
				})
			})
		}
		t.Run(name+"/collected", func(t *testing.T) {
			without := func(p *smtptest.Peer) { p.Keywords = []string{"PIPELINING", "SIZE 100000000"} }
			eachWay(t, without, nil, func(t *testing.T, w *way) {
				if w.out == "CHUNKING" {
					return // it is collected where there is no 8BITMIME
				}
				w.begin(m, 140_000)
				w.rest(m, 140_000)
				w.c.expect("250 2.6.0 <id@hop.test> queued")
				w.wantWhole(m)
			})
		})
	}
}

func (w *way) wantWhole(m string) {
	w.c.t.Helper()
	if took := w.p.Took(); len(took) != 1 || withoutReceived(took[0].Body) != m {
		w.c.t.Errorf("the next hop took %d messages, or others", len(took))
	}
}

// The header section of a part that is held because its end has not come is bounded;
// after a longer one nothing is repaired.
func TestArrivingHeaderIsBounded(t *testing.T) {
	long := "--b\r\nContent-Type: text/plain\r\n" + strings.Repeat("X-Field: "+strings.Repeat("y", 60)+"\r\n", 6000) + "\r\nhello\r\n"
	m := large(long + lateMeeting)
	eachWay(t, nil, nil, func(t *testing.T, w *way) {
		w.begin(m, len(m)-200_000)
		w.rest(m, len(m)-200_000)
		w.c.expect("250 2.6.0 <id@hop.test> queued")
		w.wantWhole(m)
		if log := w.r.log.String(); !strings.Contains(log, "msg=left-alone") || !strings.Contains(log, "a header section is larger than 262144 octets") {
			t.Errorf("the log says %s", log)
		}
	})
}

// A next hop that refuses while a header section comes is heard.
func TestRefusedWithinAHeaderSection(t *testing.T) {
	m := longHeaders["part"]
	refuses := func(p *smtptest.Peer) {
		p.On = func(s *smtptest.Session, line string) string {
			if line == "body" || strings.HasPrefix(line, "BDAT") {
				return "552 5.3.4 too large"
			}
			return ""
		}
	}
	eachWay(t, refuses, nil, func(t *testing.T, w *way) {
		if w.in == "BDAT in pieces" {
			return // the first piece may hear of it already
		}
		w.begin(m, 150_000)
		w.begun()
		time.Sleep(20 * time.Millisecond) // the refusal is on its way; the verdict is the same without
		w.rest(m, 150_000)
		w.c.expect("552 5.3.4")
	})
}

// panicky is a scan that panics in one of its methods.
type panicky struct {
	delivery.Scan
	in   string
	late bool // only after the first call
}

func (p *panicky) maybe(method string) {
	if p.in == method {
		if p.late {
			p.late = false
			return
		}
		panic("in " + method)
	}
}

func (p *panicky) Write(b []byte) (int, error) { p.maybe("Write"); return p.Scan.Write(b) }
func (p *panicky) End()                        { p.maybe("End"); p.Scan.End() }
func (p *panicky) Clear() int64                { p.maybe("Clear"); return p.Scan.Clear() }
func (p *panicky) Found() bool                 { p.maybe("Found"); return p.Scan.Found() }
func (p *panicky) HeaderSeen() bool            { p.maybe("HeaderSeen"); return p.Scan.HeaderSeen() }
func (p *panicky) Close()                      { p.maybe("Close"); p.Scan.Close() }
func (p *panicky) Finish(s rewrite.Source, o rewrite.Options) (rewrite.Result, error) {
	p.maybe("Finish")
	return p.Scan.Finish(s, o)
}

// A panic anywhere in the examination of a message while it arrives costs the repair at
// most: the message goes on, and the log says so at error.
func TestPanicInTheScanNeverCostsTheMessage(t *testing.T) {
	for name, m := range map[string]string{"meeting": large(lateMeeting), "none": large("")} {
		for _, in := range []string{"Write", "End", "Clear", "Found", "HeaderSeen", "Finish", "Close"} {
			for _, late := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/%v", name, in, late), func(t *testing.T) {
					r, p := throughRelayWith(t, nil, nil, func(o *Options) {
						o.Delivery.Scan = func() delivery.Scan {
							return &panicky{Scan: rewrite.NewScanner(rewrite.Limits{}), in: in, late: late}
						}
					})
					w := &way{r: r, p: p, c: r.hello("plain"), in: "DATA"}
					w.begin(m, 200_000)
					w.rest(m, 200_000)
					w.c.expect("250 2.6.0 <id@hop.test> queued")
					w.c.say("NOOP", "250") // the session goes on
					took := p.Took()
					if len(took) != 1 {
						t.Fatalf("%d messages", len(took))
					}
					if body := withoutReceived(took[0].Body); body != m && (name == "none" || !strings.Contains(body, "X-Reconvene") && !strings.HasPrefix(body, large("")[:300_000])) {
						t.Error("the next hop got another message")
					}
					once := in == "End" || in == "Finish" || in == "Close"
					if log := r.log.String(); late && once {
						// nothing happened
					} else if !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "in "+in) {
						t.Errorf("the log says %s", log)
					}
				})
			}
		}
	}
}

// With mode = "off" nothing is examined.
func TestOffExaminesNothing(t *testing.T) {
	for name, m := range map[string]string{"large": large(lateMeeting), "small": message, "long header": longHeaders["mail"]} {
		t.Run(name, func(t *testing.T) {
			off := func(cfg *config.Config) { cfg.Rewrite.Mode = "off" }
			r, p := throughRelayWith(t, off, nil, func(o *Options) {
				o.Delivery.Scan = func() delivery.Scan { panic("examined") }
			})
			w := &way{r: r, p: p, c: r.hello("plain"), in: "BDAT"}
			w.begin(m, len(m))
			w.c.expect("250 2.6.0 <id@hop.test> queued")
			w.wantWhole(m)
			if log := r.log.String(); strings.Contains(log, "level=ERROR") {
				t.Errorf("the log says %s", log)
			}
		})
	}
}
