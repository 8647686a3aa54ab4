package directory

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/relay/queue"
	"github.com/reconvene/reconvene/relay/queue/storetest"
)

func open(t *testing.T, root string) *Store {
	t.Helper()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func() queue.Store {
		root := filepath.Join(t.TempDir(), "spool")
		return func() queue.Store { return open(t, root) }
	})
}

// A second server does not use the same directory.
func TestInUse(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	if _, err := Open(root); !errors.Is(err, ErrInUse) {
		t.Errorf("a second time: %v", err)
	}
	s.Close()
	open(t, root).Close()
}

// Every set of files that an interruption or a broken disk can leave is completed,
// undone or set aside; no other message suffers.
func TestWhatIsFound(t *testing.T) {
	root := filepath.Join(t.TempDir(), "template")
	s := open(t, root)
	storetest.Load(t, s)
	if err := storetest.Put(s, storetest.Message("m-1", "b@example.net"), storetest.Body); err != nil {
		t.Fatal(err)
	}
	s.Close()
	envelope, err := os.ReadFile(filepath.Join(root, "m-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	body := string(storetest.Body)
	good := string(envelope)
	for _, tt := range []struct {
		name  string
		files map[string]string // of m-1, by extension
		want  string            // "", "message" or part of the damage
		left  []string          // files of m-1 afterwards
	}{
		{"a message", map[string]string{".json": good, ".eml": body}, "message", []string{".eml", ".json"}},
		{"an interrupted change", map[string]string{".json": good, ".eml": body, ".json.new": good[:50]}, "message", []string{".eml", ".json"}},
		{"the second rename is missing", map[string]string{".json": good, ".new": body}, "message", []string{".eml", ".json"}},
		{"the first rename is missing", map[string]string{".json.new": good, ".eml": body}, "message", []string{".eml", ".json"}},
		{"both renames are missing", map[string]string{".json.new": good, ".new": body}, "", nil},
		{"still being received", map[string]string{".new": body[:10]}, "", nil},
		{"being removed", map[string]string{".gone": good, ".eml": body}, "", nil},
		{"nearly removed", map[string]string{".gone": good}, "", nil},
		{"no body", map[string]string{".json": good}, "body is missing", nil},
		{"no envelope", map[string]string{".eml": body}, "envelope is missing", nil},
		{"short body", map[string]string{".json": good, ".eml": body[:100]}, "has 100 octets", nil},
		{"empty envelope", map[string]string{".json": "", ".eml": body}, "malformed", nil},
		{"half an envelope", map[string]string{".json": good[:len(good)/2], ".eml": body}, "malformed", nil},
		{"no object", map[string]string{".json": "[1]", ".eml": body}, "malformed", nil},
		{"of another message", map[string]string{".json": strings.Replace(good, "m-1", "m-2", 1), ".eml": body}, "malformed", nil},
		{"of a newer release", map[string]string{".json": strings.Replace(good, `"form":1`, `"form":2`, 1), ".eml": body}, "newer release", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			for ext, content := range tt.files {
				write(t, filepath.Join(root, "m-1"+ext), content)
			}
			write(t, filepath.Join(root, "other-1.json"), strings.Replace(good, "m-1", "other-1", 1))
			write(t, filepath.Join(root, "other-1.eml"), body)
			write(t, filepath.Join(root, "README"), "of the administrator")
			s := open(t, root)
			defer s.Close()
			all := map[string]bool{}
			damage, err := s.Load(func(m *queue.Message) { all[m.ID] = true })
			if err != nil || !all["other-1"] {
				t.Fatalf("%v, found %v", err, all)
			}
			storetest.CheckBody(t, s, "other-1", storetest.Body)
			isDamage := tt.want != "" && tt.want != "message"
			if all["m-1"] != (tt.want == "message") || (len(damage) == 1) != isDamage || isDamage && !strings.Contains(damage[0].Why, tt.want) {
				t.Errorf("found %v, damage %v", all, damage)
			}
			if got := extensions(t, root, "m-1"); !slices.Equal(got, tt.left) {
				t.Errorf("left %v, want %v", got, tt.left)
			}
			if aside := extensions(t, filepath.Join(root, "damaged"), "m-1"); isDamage != slices.Contains(aside, ".txt") {
				t.Errorf("set aside: %v", aside)
			}
		})
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func extensions(t *testing.T, root, id string) (list []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, id+".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		list = append(list, strings.TrimPrefix(filepath.Base(n), id))
	}
	slices.Sort(list)
	return list
}

// A folder that somebody has removed or replaced is noticed.
func TestFolderRemoved(t *testing.T) {
	for what, change := range map[string]func(dir string) error{
		"removed":    os.RemoveAll,
		"made again": func(dir string) error { return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)) },
		"replaced": func(dir string) error {
			return errors.Join(os.Rename(dir, dir+"-old"), os.CopyFS(dir, os.DirFS(dir+"-old")))
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "spool")
			s, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Trouble(); err != nil {
				t.Error(err)
			}
			if err := change(dir); err != nil {
				t.Skip(err) // Windows keeps a file that is open
			}
			if err := s.Trouble(); err == nil || !strings.Contains(err.Error(), dir) {
				t.Errorf("nothing is said: %v", err)
			}
		})
	}
}
