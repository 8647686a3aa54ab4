package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reconvene/reconvene/relay/dkim"
)

func newDKIMCmd(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dkim",
		Short: "Make keys for DKIM signatures, and compare them with DNS",
		Long: `Reconvene signs outbound mail with the keys under [[dkim]]. The public part of each
key is a TXT record in DNS.`,
	}
	cmd.AddCommand(newDKIMKeygenCmd(e), newDKIMCheckCmd(e))
	return cmd
}

// keygenFlags are those of dkim keygen.
type keygenFlags struct {
	domain, selector, kind, out string
	bits                        int
}

func newDKIMKeygenCmd(e *env) *cobra.Command {
	var f keygenFlags
	cmd := &cobra.Command{
		Use:   "keygen",
		Short: "Make a key and print the DNS record for it",
		Long: `Writes a new private key to a file that only you can read (on Windows the file has the
rights of its folder), and prints the DNS record with its public part, and the lines
of the configuration. A file that exists is not overwritten.

RSA is understood by every receiver. Ed25519 is shorter; not all receivers know it,
so that it is used as a second key beside RSA.`,
		Example: `  reconvene dkim keygen --domain example.com --selector s1 --out dkim.pem`,
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return keygen(e, f) },
	}
	cmd.Flags().StringVar(&f.domain, "domain", "", "the domain of the addresses in From")
	cmd.Flags().StringVar(&f.selector, "selector", "", "a name for the key, for example s1")
	cmd.Flags().StringVar(&f.kind, "type", "rsa", "rsa or ed25519")
	cmd.Flags().IntVar(&f.bits, "bits", 2048, "of an RSA key: 1024 to 4096")
	cmd.Flags().StringVar(&f.out, "out", "", "the file to write the private key to")
	for _, name := range []string{"domain", "selector", "out"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func keygen(e *env, f keygenFlags) error {
	f.domain, f.selector = strings.ToLower(strings.TrimSuffix(f.domain, ".")), strings.ToLower(f.selector)
	if !dkim.IsName(f.domain) {
		return usageError("--domain %q is not a domain; write a name in another script as xn--...", f.domain)
	}
	if !dkim.IsName(f.selector) {
		return usageError("--selector %q is not a name in DNS; use letters, digits and hyphens", f.selector)
	}
	key, err := newSigningKey(f)
	if err != nil {
		return err
	}
	record, err := dkim.Record(key.Public())
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writeNewFile(f.out, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}
	path, err := filepath.Abs(f.out)
	if err != nil {
		path = f.out
	}
	name := dkim.Key{Domain: f.domain, Selector: f.selector}
	_, err = fmt.Fprintf(e.stdout, "; the record in DNS:\n%s\n\n# in reconvene.toml:\n[[dkim]]\ndomain = \"%s\"\nselector = \"%s\"\nkey_file = '%s'\n",
		dkim.ZoneLine(name.Name(), record), f.domain, f.selector, path)
	return err
}

func newSigningKey(f keygenFlags) (crypto.Signer, error) {
	switch {
	case f.kind == "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case f.kind != "rsa":
		return nil, usageError("--type %q is not known; write rsa or ed25519", f.kind)
	case f.bits < 1024 || f.bits > 4096:
		return nil, usageError("--bits %d: receivers accept 1024 to 4096", f.bits) // RFC 8301 §3.2
	}
	return rsa.GenerateKey(rand.Reader, f.bits)
}

// writeNewFile writes a file that only its owner can read, and does not overwrite one.
func writeNewFile(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and is not overwritten: mail that is on its way could no longer be verified; name another file", name)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}
