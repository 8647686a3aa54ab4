package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyFile holds the key of the hashes, beside the store.
const keyFile = "ledger.key"

// addressWriter returns addresses and texts in the form in which the configuration
// stores them.
type addressWriter struct {
	key    []byte
	hashed bool
	texts  bool
}

// openKey reads the key of the directory; create makes one where there is none.
func openKey(dir string, create bool) ([]byte, error) {
	path := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(path)
	if err == nil {
		key, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(key) != 32 {
			return nil, fmt.Errorf("%s is not a key of the ledger; restore it from the backup: without it hashed addresses cannot be found", path)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || !create {
		return nil, err
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return key, writeKey(dir, key)
}

// writeKey writes the key of a directory that has none.
func writeKey(dir string, key []byte) error {
	f, err := os.OpenFile(filepath.Join(dir, keyFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// address is an address as it is stored: in lower case, or as a hash with the
// domain, which routes and receivers are known by.
func (s addressWriter) address(a string) string {
	a = strings.ToLower(strings.TrimSpace(a))
	if !s.hashed || a == "" || isHashed(a) {
		return a
	}
	return "h:" + s.digest(a)[:24] + "@" + domainOf(a)
}

func isHashed(a string) bool { return strings.HasPrefix(a, "h:") }

// spellings returns the forms in which an address may be stored: it may have been
// stored before addresses were hashed, or afterwards.
func (s addressWriter) spellings(a string) []string {
	plain := strings.ToLower(strings.TrimSpace(a))
	if s.key == nil {
		return []string{plain}
	}
	s.hashed = true
	return []string{plain, s.address(plain)}
}

// allSpellings returns those of several addresses; never nil.
func (s addressWriter) allSpellings(list []string) []string {
	all := make([]string, 0, 2*len(list))
	for _, a := range list {
		all = append(all, s.spellings(a)...)
	}
	return all
}

// Mark identifies how a ledger stores addresses: "plain" or "hashed", and what shows
// whether another ledger has the same key, without telling it.
func (l *Ledger) Mark() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.addresses
	form := "plain"
	if s.hashed {
		form = "hashed"
	}
	return form + " " + s.digest("mark of a ledger")[:16]
}

// words are the remote's words, without the address that they may repeat.
func (s addressWriter) words(text, address string) string {
	if !s.hashed || address == "" {
		return text
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		return "" // another length in lower case: the address could not be found for certain
	}
	var b strings.Builder
	for plain := strings.ToLower(address); ; {
		i := strings.Index(lower, plain)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:i] + s.address(plain))
		text, lower = text[i+len(plain):], lower[i+len(plain):]
	}
}

func (s addressWriter) digest(text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
