//go:build !windows

package config

import (
	"crypto/tls"
	"errors"
)

func (c Certificate) fromStore() (*tls.Certificate, error) {
	return nil, errors.New("the certificate store is one of Windows")
}
