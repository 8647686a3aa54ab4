package rewrite_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message"

	"github.com/reconvene/reconvene/rewrite"
	"github.com/reconvene/reconvene/rewrite/remedy"
)

var mutations = flag.Int("mutations", 300, "how many mutated mails the comparison with other readers takes")

// leaf is what a reader of mail sees: a part with its header fields. Body is "" for
// a multipart.
type leaf struct {
	Path     string `json:"path"`
	Type     string `json:"type"`
	Fields   string `json:"fields"`
	Body     string `json:"body"`
	Calendar bool   `json:"calendar"`
}

// TestOtherReaders repairs mails that were damaged at random, and asks go-message
// and the email package of Python what they see before and after: nothing may
// differ but the parts that the reader takes for calendars, and fields on top.
func TestOtherReaders(t *testing.T) {
	seeds := mailSeeds(t)
	random := rand.New(rand.NewPCG(12, 7))
	var before, after [][]byte
	for range *mutations {
		mail := mutate(random, seeds)
		o := rewrite.Options{Now: now, Header: true, Form: rewrite.Mail, Disable: structureRemedies(), DKIM: rewrite.IgnoreDKIM}
		res, err := rewrite.Message(bytes.NewReader(mail), o)
		if err != nil || !res.Changed() || res.Moved() || hasTNEF(mail) {
			continue
		}
		var out bytes.Buffer
		if _, err := res.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		before, after = append(before, mail), append(after, out.Bytes())
	}
	if len(before) < *mutations/20 {
		t.Fatalf("only %d of %d mails were repaired", len(before), *mutations)
	}
	t.Run("go-message", func(t *testing.T) {
		for i := range before {
			checkLeaves(t, before[i], goLeaves(before[i]), goLeaves(after[i]))
		}
	})
	t.Run("python", func(t *testing.T) {
		was, is := pythonLeaves(t, before), pythonLeaves(t, after)
		for i := range before {
			checkLeaves(t, before[i], was[i], is[i])
		}
	})
}

// checkLeaves compares what a reader sees of a mail before and after.
func checkLeaves(t *testing.T, mail []byte, was, is []leaf) {
	t.Helper()
	if len(was) != len(is) {
		t.Errorf("%d parts, then %d, of\n%s", len(was), len(is), clipped(mail))
		return
	}
	for i, a := range was {
		b := is[i]
		if i == 0 {
			b.Fields = strings.TrimPrefix(b.Fields, b.Fields[:max(0, strings.Index(b.Fields, firstField(a.Fields)))])
		}
		switch {
		case a.Path != b.Path:
			t.Errorf("part %s has become %s, of\n%s", a.Path, b.Path, clipped(mail))
		case a.Calendar:
		case a != b:
			t.Errorf("part %s is no calendar and has changed:\n%+v\n%+v\nof\n%s", a.Path, a, b, clipped(mail))
		}
	}
}

func firstField(fields string) string {
	first, _, _ := strings.Cut(fields, "\n")
	return first
}

func clipped(mail []byte) string {
	if dir := os.Getenv("KEEP_MUTATIONS"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, fmt.Sprintf("%08x.eml", len(mail))), mail, 0o600)
	}
	return string(mail[:min(len(mail), 3000)])
}

func structureRemedies() (ids []string) {
	for _, r := range remedy.All() {
		if r.Stage == remedy.Structure {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func hasTNEF(mail []byte) bool {
	return bytes.Contains(bytes.ToLower(mail), []byte("ms-tnef")) || bytes.Contains(bytes.ToLower(mail), []byte("winmail.dat"))
}

// goLeaves reads a mail with go-message.
func goLeaves(mail []byte) (all []leaf) {
	e, err := message.Read(bytes.NewReader(mail))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil
	}
	_ = e.Walk(func(path []int, e *message.Entity, err error) error {
		if e == nil {
			return err
		}
		kind, params, _ := e.Header.ContentType()
		kind, _, _ = strings.Cut(kind, ";") // what it cannot take apart it returns whole
		_, disposition, _ := e.Header.ContentDisposition()
		l := leaf{Path: fmt.Sprint(path), Type: kind, Calendar: readsAsCalendar(kind, params["name"], disposition["filename"])}
		for f := e.Header.Fields(); f.Next(); {
			raw, _ := f.Raw()
			l.Fields += string(raw) + "\n"
		}
		if !strings.HasPrefix(kind, "multipart/") {
			body, _ := io.ReadAll(e.Body)
			l.Body = string(body)
		}
		all = append(all, l)
		return nil
	})
	return all
}

func readsAsCalendar(kind string, names ...string) bool {
	kind = strings.ToLower(kind)
	return kind == "text/calendar" || kind == "application/ics" || kind == "text/x-vcalendar" ||
		slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(strings.ToLower(n), ".ics") })
}

const pythonReader = `
import base64, email, email.policy, json, sys
def leaves(msg, path, out):
    kind = msg.get_content_type()
    name = msg.get_filename() or msg.get_param("name") or ""
    name = name if isinstance(name, str) else str(name[-1])
    leaf = {"path": path, "type": kind, "fields": "".join("%s: %s\n" % (k, v) for k, v in msg.items()), "body": "",
            "calendar": kind in ("text/calendar", "application/ics", "text/x-vcalendar") or name.lower().endswith(".ics")}
    out.append(leaf)
    if msg.is_multipart():
        leaf["body"] = repr((msg.preamble, msg.epilogue))
        for i, part in enumerate(msg.get_payload()):
            leaves(part, path + "/" + str(i), out)
    else:
        leaf["body"] = str(msg.get_payload())
for line in sys.stdin:
    out = []
    leaves(email.message_from_bytes(base64.b64decode(line)), "", out)
    print(json.dumps(out))
`

// pythonLeaves reads mails with the email package of Python.
func pythonLeaves(t *testing.T, mails [][]byte) [][]leaf {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	var in bytes.Buffer
	for _, m := range mails {
		in.WriteString(base64.StdEncoding.EncodeToString(m) + "\n")
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", pythonReader)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var all [][]leaf
	for d := json.NewDecoder(bytes.NewReader(out)); len(all) < len(mails); {
		var list []leaf
		if err := d.Decode(&list); err != nil {
			t.Fatal(err)
		}
		all = append(all, list)
	}
	return all
}

// mailSeeds are the golden mails, and the field's where they are there.
func mailSeeds(t *testing.T) (seeds [][]byte) {
	t.Helper()
	names := globbed(t, "../testdata/meetings/*/in.eml")
	if _, err := os.Stat("../../shared/corpus/eml"); err == nil {
		names = append(names, globbed(t, "../../shared/corpus/eml/*/*.eml")...)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) < 64<<10 && bytes.Contains(bytes.ToLower(b), []byte("calendar")) {
			seeds = append(seeds, b)
		}
	}
	return seeds
}

// mutate damages a mail once to three times, where its structure is.
func mutate(random *rand.Rand, seeds [][]byte) []byte {
	mail := slices.Clone(seeds[random.IntN(len(seeds))])
	for range 1 + random.IntN(3) {
		lines := bytes.SplitAfter(mail, []byte("\n"))
		at := structural(random, lines)
		lines = damage(random, lines, at, seeds)
		mail = bytes.Join(lines, nil)
	}
	return mail
}

// structural picks a line of a header section or a delimiter; now and then any.
func structural(random *rand.Rand, lines [][]byte) int {
	at := random.IntN(len(lines))
	if random.IntN(4) == 0 {
		return at
	}
	for i := range lines {
		l := lines[(at+i)%len(lines)]
		if low := bytes.ToLower(l); bytes.HasPrefix(l, []byte("--")) || bytes.HasPrefix(low, []byte("content-")) || bytes.Contains(low, []byte("boundary")) || len(bytes.TrimSpace(l)) == 0 {
			return (at + i) % len(lines)
		}
	}
	return at
}

// spliced are lines that make a mail hard to read.
var spliced = []string{
	"Content-Type: text/plain\r\n", "Content-Type: multipart/mixed; boundary=x\r\n", "Content-Type: text/calendar; method=REQUEST\r\n",
	"Content-Type: multipart/signed; boundary=\"a\";\r\n protocol=\"application/pgp-signature\"\r\n", "Content-Type: message/rfc822\r\n",
	"Content-Type:\r\n\tmultipart/mixed;\r\n\tboundary==?utf-8?q?x?=\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n",
	"Content-Transfer-Encoding: 8bit (x)\r\n", "Content-Disposition: attachment; filename=x.ics\r\n", "no field\r\n", " folded\r\n", "\t\r\n", "\r\n", "\n", "--x\r\n", "--x--\r\n", "--\r\n",
	"BEGIN:VCALENDAR\r\n", "END:VCALENDAR\r\n", "X-Odd : blank\r\n", ": nothing\r\n", "From x\r\n", "X-Long: a\r\n \r\n b\r\n", "Content-Type\r\n", "Content-Type: text/calendar (\r\n",
}

func damage(random *rand.Rand, lines [][]byte, at int, seeds [][]byte) [][]byte {
	line := lines[at]
	switch random.IntN(9) {
	case 0:
		return slices.Insert(lines, at, []byte(spliced[random.IntN(len(spliced))]))
	case 1:
		return slices.Delete(lines, at, at+1)
	case 2:
		return slices.Insert(lines, at, slices.Clone(line))
	case 3:
		other := bytes.SplitAfter(seeds[random.IntN(len(seeds))], []byte("\n"))
		from := structural(random, other)
		return slices.Insert(lines, at, other[from:min(from+1+random.IntN(3), len(other))]...)
	case 4:
		lines[at] = []byte(strings.NewReplacer("\r\n", []string{"\n", "\r", "\r\r\n", " \r\n"}[random.IntN(4)]).Replace(string(line)))
	case 5:
		lines[at] = []byte(strings.NewReplacer("; ", []string{";\r\n ", " ;", ";;", "; x=y; ", "; (c) "}[random.IntN(5)]).Replace(string(line)))
	case 6:
		lines[at] = []byte(strings.NewReplacer(`"`, []string{"", "'", `\"`, `""`}[random.IntN(4)]).Replace(string(line)))
	case 7:
		lines[at] = []byte(strings.NewReplacer("boundary=", []string{"boundary*=utf-8''", "boundary = ", "boundary*0=", "boundary=x; boundary=", "BOUNDARY="}[random.IntN(5)]).Replace(string(line)))
	default:
		if len(line) > 2 {
			i := random.IntN(len(line) - 2)
			lines[at] = slices.Concat(line[:i], []byte(" \t\x00\xe9-:;\"(=")[random.IntN(10):][:1], line[i+random.IntN(2):])
		}
	}
	return lines
}
