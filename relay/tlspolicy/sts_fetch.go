package tlspolicy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/reconvene/reconvene/relay/resolver"
)

// fetchTimeout bounds the fetch of a policy. The first mail to a domain waits for it.
const fetchTimeout = 15 * time.Second

// fetcher fetches policies.
type fetcher struct {
	addresses func(ctx context.Context, host string) (resolver.Addresses, error)
	dial      func(ctx context.Context, network, address string) (net.Conn, error)
	roots     *x509.CertPool // nil: the system's
	now       func() time.Time
}

// errRedirect is the error where a policy host names another place (RFC 8461 §3.3).
var errRedirect = errors.New("the policy host redirects, which is not permitted")

// fetch fetches the policy of a domain (RFC 8461 §3.3): from one fixed place, with a
// certificate for its name, without redirects, and no more than a policy may have.
func (f *fetcher) fetch(ctx context.Context, domain string) (*Policy, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	client := http.Client{
		Transport: &http.Transport{
			DialContext: f.connect, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 16 << 10,
			TLSClientConfig: &tls.Config{RootCAs: f.roots, MinVersion: tls.VersionTLS12, Time: f.now},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://mta-sts."+domain+"/.well-known/mta-sts.txt", nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if err := acceptable(response); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxPolicy+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxPolicy:
		return nil, &invalidError{fmt.Errorf("it is larger than %d octets", maxPolicy)}
	}
	p, err := parsePolicy(string(text))
	if err != nil {
		return nil, &invalidError{err}
	}
	return p, nil
}

func acceptable(r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("the policy host says %q", r.Status)
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "text/plain" {
		return &invalidError{errors.New("it is not text/plain")}
	}
	return nil
}

// invalidError is the error of a policy that was fetched and is none.
type invalidError struct{ error }

func (e *invalidError) Unwrap() error { return e.error }

// connect connects to a policy host. Its owner chooses its address: that must not be in
// our own network.
func (f *fetcher) connect(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	a, err := f.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	err = fmt.Errorf("%s has no address of the internet", host)
	for _, ip := range a.List[:min(len(a.List), 4)] {
		if !isPublic(ip) {
			continue
		}
		var c net.Conn
		if c, err = f.dial(ctx, network, net.JoinHostPort(ip.String(), port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

func isPublic(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
}
