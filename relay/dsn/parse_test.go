package dsn

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/mail"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	"github.com/google/go-cmp/cmp"

	"github.com/reconvene/reconvene/relay/envelope"
)

// read is what a reader finds in a notification.
type read struct {
	Types  []string   // of the three parts
	Text   string     // of the first one, decoded
	Groups [][]string // of the second one: its fields, unfolded
	Body   string     // of the third one, decoded
}

// readStandard reads a notification with the standard library.
func readStandard(t testing.TB, text string) read {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["report-type"] != "delivery-status" {
		t.Fatalf("%s %v: %v", kind, params, err)
	}
	var got read
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextPart() // decodes quoted-printable
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		var body io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == inBase64 {
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		got.add(t, p.Header.Get("Content-Type"), string(b))
	}
}

func (r *read) add(t testing.TB, contentType, body string) {
	t.Helper()
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	r.Types = append(r.Types, kind)
	switch len(r.Types) {
	case 1:
		r.Text = body
	case 2:
		r.Groups = groupsOf(body)
	case 3:
		r.Body = body
	}
}

// groupsOf returns the groups of fields (RFC 3464 §2.1), unfolded.
func groupsOf(body string) (groups [][]string) {
	for group := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n\r\n") {
		groups = append(groups, strings.Split(strings.ReplaceAll(group, "\r\n ", " "), "\r\n"))
	}
	return groups
}

// readGoMessage reads a notification with go-message.
func readGoMessage(t testing.TB, text string) read {
	t.Helper()
	e, err := message.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var got read
	for r := e.MultipartReader(); ; {
		p, err := r.NextPart()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		got.add(t, p.Header.Get("Content-Type"), string(b))
	}
}

// samples are the golden reports, and one of each form in which a message is returned.
func samples() map[string]*Report {
	all := map[string]*Report{}
	add := func(name string, change func(*Report)) {
		r := sample()
		change(r)
		all[name] = r
	}
	for name, change := range golden {
		add(name, change)
	}
	add("8bit header", func(r *Report) { r.returns("Subject: Zürich\r\n\r\nx\r\n") })
	add("8bit offered", func(r *Report) { r.returns(cancellation + "Zürich\r\n"); r.EightBit = true })
	add("bare line ends", func(r *Report) { r.returns("Subject: a\rb\nTo: x\n\nbody\r\n") })
	add("long lines", func(r *Report) { r.returns("Subject: a\r\n\r\n" + strings.Repeat("x", 999) + "\r\n") })
	add("long header", func(r *Report) { r.returns("Subject: " + strings.Repeat("x", 2000) + "\r\n\r\nx\r\n") })
	add("too large", func(r *Report) { r.MaxReturn = 100 })
	add("no header end", func(r *Report) { r.returns("Subject: a") })
	add("empty", func(r *Report) { r.returns("") })
	add("nothing", func(r *Report) { r.Original = nil })
	add("delimiter", func(r *Report) {
		b, _ := returned{}.boundary(r.ID)
		r.returns(cancellation + "--" + b + "--\r\n")
	})
	add("global in quoted-printable", func(r *Report) {
		r.Envelope.UTF8, r.Envelope.Ret = true, "HDRS"
		r.returns("Subject: Zürich\r\n\r\nx\r\n")
	})
	add("many", func(r *Report) {
		for range 1000 {
			r.Recipients = append(r.Recipients, Recipient{Recipient: envelope.Recipient{Path: "x@partner.example"}, Action: Failed, Verdict: noUser})
		}
	})
	return all
}

// Readers agree on what is in a notification, and find in it what was put in.
func TestReaders(t *testing.T) {
	texts := map[string]string{}
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			text, n := written(t, r)
			texts[name] = text
			checkWire(t, text)
			got := readStandard(t, text)
			if n.UTF8 != !envelope.IsASCII(r.Envelope.Path) || n.EightBit != !envelope.IsASCII(text) {
				t.Errorf("%+v", n)
			}
			checkRead(t, r, n, got)
			if d := cmp.Diff(got, readGoMessage(t, text)); d != "" {
				t.Errorf("go-message reads something else (-standard +go-message):\n%s", d)
			}
		})
	}
	t.Run("python", func(t *testing.T) { checkPython(t, texts) })
}

func checkRead(t testing.TB, r *Report, n Notification, got read) {
	t.Helper()
	parts := 3
	if r.Original == nil {
		parts = 2
	}
	if len(got.Types) != parts || len(got.Groups) != 1+len(r.Recipients) {
		t.Fatalf("parts %v, %d groups", got.Types, len(got.Groups))
	}
	names := []string{"Original-Envelope-Id", "Reporting-MTA", "Arrival-Date"}
	for i, group := range got.Groups {
		if i == 1 {
			names = []string{"Original-Recipient", "Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code", "Last-Attempt-Date", "Final-Log-ID", "Will-Retry-Until"}
		}
		last := -1
		for _, field := range group {
			name, _, _ := strings.Cut(field, ":")
			at := slices.Index(names, name)
			if at <= last {
				t.Errorf("%.80q is not a field there, or twice, in %q", field, group)
			}
			last = at
		}
	}
	if parts == 3 && n.Full {
		b := make([]byte, r.Size)
		if _, err := r.Original.ReadAt(b, 0); err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if got.Body != string(b) {
			t.Errorf("the message came back as %.200q", got.Body)
		}
	}
}

const pythonReader = `
import base64, email, email.policy, json, sys
for line in sys.stdin:
    m = email.message_from_bytes(base64.b64decode(line), policy=email.policy.SMTPUTF8)
    parts = list(m.iter_parts())
    # Python parses the groups of message/delivery-status, and no part of RFC 6533 that is encoded.
    groups = len(parts[1].get_payload()) if parts[1].get_content_type() == "message/delivery-status" else -1
    print(json.dumps({"types": [p.get_content_type() for p in parts], "report": m.get_param("report-type"), "to": str(m["To"]), "subject": str(m["Subject"]),
        "text": parts[0].get_content(), "groups": groups, "defects": [str(d) for p in [m] + parts for d in p.defects]}))
`

// checkPython reads the notifications with Python's email package.
func checkPython(t *testing.T, texts map[string]string) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	var in bytes.Buffer
	names := slices.Sorted(maps.Keys(texts))
	for _, n := range names {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(texts[n])) + "\n")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", pythonReader)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for _, n := range names {
		var got struct {
			Types, Defects            []string
			Report, To, Subject, Text string
			Groups                    int
		}
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := readStandard(t, texts[n])
		if !slices.Equal(got.Types, want.Types) || got.Report != "delivery-status" || len(got.Defects) > 0 || got.Groups >= 0 && got.Groups != len(want.Groups) {
			t.Errorf("%s: %+v, want %v with %d groups", n, got, want.Types, len(want.Groups))
		}
		if d := cmp.Diff(strings.Fields(want.Text), strings.Fields(got.Text)); d != "" {
			t.Errorf("%s: Python reads another text (-want +got):\n%s", n, d)
		}
	}
}
