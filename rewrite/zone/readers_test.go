package zone_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/reconvene/reconvene/rewrite/zone"
)

// probe is a VTIMEZONE that Generate wrote for a span, with instants in it and
// the offsets that package time gives there.
type probe struct {
	name string
	text string
	at   []int64
	want []int
}

// The years that the readers are asked about.
const firstProbed, lastProbed = 1975, 2034

// probes makes one VTIMEZONE for each IANA zone, over sixty years. It is asked
// about on the hour of each change, just before it, and every seven weeks.
func probes(t *testing.T) []probe {
	t.Helper()
	from, to := day(firstProbed, 1, 1), day(lastProbed, 12, 31)
	var out []probe
	for _, name := range zone.Names() {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := zone.Generate(name, from, to)
		if c == nil {
			t.Fatalf("nothing for %s", name)
		}
		p := probe{name: name, text: text(c)}
		ask := func(at time.Time) {
			_, off := at.In(loc).Zone()
			p.at, p.want = append(p.at, at.Unix()), append(p.want, off)
		}
		for at := from; at.Before(to); at = at.AddDate(0, 0, 49) {
			ask(at)
			if _, end := at.In(loc).ZoneBounds(); !end.IsZero() && end.Before(to) && end.Sub(at) < 49*24*time.Hour {
				ask(end.Add(-time.Second))
				ask(end)
			}
		}
		out = append(out, p)
	}
	if len(out) < 400 {
		t.Fatalf("%d zones, at least 400 are expected", len(out))
	}
	return out
}

// compare asks a reader about all probes.
func compare(t *testing.T, list []probe, read func(p probe) []int) {
	t.Helper()
	asked := 0
	for _, p := range list {
		wrong := ""
		for i, got := range read(p) {
			asked++
			if got != p.want[i] && wrong == "" {
				wrong = fmt.Sprintf("at %s it reads %ds, want %ds\n%s", time.Unix(p.at[i], 0).UTC().Format(time.RFC3339), got, p.want[i], p.text)
			}
		}
		if wrong != "" {
			t.Errorf("%s: %s", p.name, wrong)
		}
	}
	t.Logf("%d zones, %d instants", len(list), asked)
}

// What Generate writes is read by our own Evaluate like package time reads the
// zone itself.
func TestGeneratedReadByEvaluate(t *testing.T) {
	compare(t, probes(t), func(p probe) []int {
		rules := evaluate(t, zone.Generate(p.name, day(firstProbed, 1, 1), day(lastProbed, 12, 31)))
		out := make([]int, len(p.at))
		for i, at := range p.at {
			out[i] = int(rules.Wall(time.Unix(at, 0)).Unix() - at)
		}
		return out
	})
}

// ... and by libical, where it is installed with its headers.
func TestGeneratedReadByLibical(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil || testing.Short() {
		t.Skip("no C compiler")
	}
	reader := filepath.Join(t.TempDir(), "offsets")
	if out, err := exec.Command(cc, "-o", reader, filepath.Join("testdata", "offsets.c"), "-lical").CombinedOutput(); err != nil {
		t.Skipf("no libical to build with: %s", out)
	}
	list := probes(t)
	compare(t, list, answers(t, list, exec.Command(reader)))
}

// ... and by ical.js, where node finds it.
func TestGeneratedReadByIcalJS(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil || testing.Short() {
		t.Skip("no node")
	}
	dir := os.Getenv("ICALJS")
	if cache, err := os.UserCacheDir(); dir == "" && err == nil {
		dir = filepath.Join(cache, "reconvene-receivers", "node")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "ical.js")); err != nil {
		t.Skip("no ical.js below the directory that $ICALJS names")
	}
	list := probes(t)
	for i := range list {
		list[i] = onTheClock(t, list[i])
	}
	compare(t, list, answers(t, list, exec.Command(node, filepath.Join("testdata", "offsets.mjs"), dir)))
}

// onTheClock makes times of the clock of the instants: ical.js goes by them, and
// is off by the offset itself when it is asked about an instant next to a change.
// An hour that is there twice is left out: readers differ in which one they take.
func onTheClock(t *testing.T, p probe) probe {
	t.Helper()
	loc, err := time.LoadLocation(p.name)
	if err != nil {
		t.Fatal(err)
	}
	out := probe{name: p.name, text: p.text}
	offset := func(at int64) int {
		_, off := time.Unix(at, 0).In(loc).Zone()
		return off
	}
	for i, at := range p.at {
		wall, twice := at+int64(p.want[i]), false
		for _, near := range []int64{at - 24*3600, at + 24*3600} {
			off := offset(near)
			twice = twice || off != p.want[i] && offset(wall-int64(off)) == off
		}
		if !twice {
			out.at, out.want = append(out.at, wall), append(out.want, p.want[i])
		}
	}
	return out
}

// answers asks a program about all probes at once.
func answers(t *testing.T, list []probe, reader *exec.Cmd) func(probe) []int {
	t.Helper()
	var in bytes.Buffer
	for _, p := range list {
		fmt.Fprintf(&in, "Z %s %d\n%sT %d\n", p.name, len(p.text), p.text, len(p.at))
		for _, at := range p.at {
			fmt.Fprintln(&in, at)
		}
	}
	reader.Stdin, reader.Stderr = &in, os.Stderr
	out, err := reader.Output()
	if err != nil {
		t.Fatalf("%s: %v", reader.Path, err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	return func(p probe) []int {
		offsets := make([]int, len(p.at))
		for i := range offsets {
			if !lines.Scan() {
				t.Fatalf("the answer ends within %s", p.name)
			}
			if offsets[i], err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		return offsets
	}
}
