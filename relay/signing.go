package relay

import (
	"fmt"
	"strings"

	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/dkim"
)

// signingKeys reads the keys of a configuration; nil when it has none.
func signingKeys(cfg *config.Config) (*dkim.Keys, error) {
	var list []dkim.Key
	for i, s := range cfg.DKIM {
		private, err := s.Load()
		if err != nil {
			return nil, fmt.Errorf("dkim[%d].key_file: %w", i, err)
		}
		list = append(list, dkim.Key{Domain: strings.ToLower(s.Domain), Subdomains: s.Subdomains, Selector: s.Selector,
			Signer: private, Headers: s.Headers, Resign: s.Foreign == config.ForeignResign})
	}
	return dkim.NewKeys(list), nil
}
