package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/tailscale/certstore"
)

// fromStore looks into the machine's store "Personal". Of several with a subject
// the one that is valid for longest is taken: the renewed one. Its key stays in
// the store, which signs for us.
func (c Certificate) fromStore() (*tls.Certificate, error) {
	store, err := certstore.Open(certstore.System, certstore.ReadOnly)
	if err != nil {
		return nil, fmt.Errorf("the certificate store of this machine cannot be opened: %w", err)
	}
	defer store.Close()
	identities, err := store.Identities()
	if err != nil {
		return nil, fmt.Errorf("the certificate store of this machine cannot be read: %w", err)
	}
	var found certstore.Identity
	var leaf *x509.Certificate
	for _, identity := range identities {
		one, err := identity.Certificate()
		if err != nil || !c.matches(one) || leaf != nil && one.NotAfter.Before(leaf.NotAfter) {
			identity.Close()
			continue
		}
		if found != nil {
			found.Close()
		}
		found, leaf = identity, one
	}
	if found == nil {
		return nil, errors.New(`the store "Personal" of this computer has no such certificate with a key`)
	}
	signer, err := found.Signer()
	if err != nil {
		return nil, fmt.Errorf("the key in the store cannot be used: %w; let the account of the service read it", err)
	}
	chain, err := found.CertificateChain()
	if err != nil {
		chain = nil // the leaf alone is what there is
	}
	return certificateOf(signer, leaf, chain)
}
