package tlspolicy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// filePrefix begins the names of the files with policies.
const filePrefix = "mta-sts."

// fileName returns the name of the file for a domain. That of a long domain would be
// too long for some file systems.
func fileName(domain string) string {
	if len(domain) > 200 {
		sum := sha256.Sum256([]byte(domain))
		domain = hex.EncodeToString(sum[:])
	}
	return filePrefix + domain + ".json"
}

// load reads a policy that is still in force; nil if there is none.
func load(folder, domain string, now time.Time) *Policy {
	f, err := os.Open(filepath.Join(folder, fileName(domain)))
	if err != nil {
		return nil
	}
	defer f.Close()
	p := new(Policy)
	if json.NewDecoder(io.LimitReader(f, 2*maxPolicy)).Decode(p) != nil || p.Domain != domain || p.MaxAge > maxAge || p.validate() != nil {
		return nil
	}
	if now.After(p.expires()) || p.Read.After(now.Add(24*time.Hour)) { // or the clock was wrong
		return nil
	}
	return p
}

// save writes a policy. After a crash there is the old one or the new one.
func save(folder string, p *Policy) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, filePrefix+"*.new")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(folder, fileName(p.Domain)))
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// prune removes policies that have expired, and files that were not completed.
func prune(folder string, now time.Time) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		switch {
		case !strings.HasPrefix(e.Name(), filePrefix):
		case strings.HasSuffix(e.Name(), ".new"):
			os.Remove(name)
		case strings.HasSuffix(e.Name(), ".json"):
			text, err := os.ReadFile(name)
			p := new(Policy)
			if err == nil && (json.Unmarshal(text, p) != nil || now.After(p.expires())) {
				os.Remove(name)
			}
		}
	}
}
