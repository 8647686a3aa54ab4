package rewrite

import (
	"bytes"
	"net/url"

	"github.com/reconvene/reconvene/rewrite/mime"
)

// referred reports whether a part of the message refers to another one by its
// Content-ID (RFC 2392). A part that cannot be read counts as one that does.
func (m *message) referred(p *mime.Part) (bool, error) {
	if p.ContentID == "" {
		return false, nil
	}
	for _, t := range m.tree.Parts {
		if t.MediaType != "text/html" || t.Enclosed {
			continue
		}
		body, why, err := m.decode(t, m.lim.Calendar)
		if err != nil || why != "" {
			return true, err
		}
		body = bytes.ToLower(body)
		for _, id := range []string{p.ContentID, url.PathEscape(p.ContentID)} {
			if bytes.Contains(body, bytes.ToLower([]byte("cid:"+id))) {
				return true, nil
			}
		}
	}
	return false, nil
}
