package remedy

import (
	"strconv"
	"strings"
)

// mailtoPercent decodes escapes in an address that need not be there (RFC 6068
// §2, RFC 3986 §2.4).
func mailtoPercent() *Remedy {
	return &Remedy{
		ID:       "mailto-percent",
		Summary:  "decode needless %XX in the address of a mailto URI",
		Why:      "Cyrus and Apple escape a plus sign or a dot in an address. Other calendars compare the text as it is written and do not find the account.",
		Source:   "cyrus-imapd #5048; RFC 6068 §2",
		Profiles: []Profile{Standard},
		Looks:    []string{"%"},
		Run: func(c *Object) {
			for _, ev := range c.schedulable() {
				for _, it := range ev.Items {
					l := person(it)
					if l == nil {
						continue
					}
					addr, ok := mailbox(l.Value())
					if !ok || strings.IndexByte(addr, '%') < 0 {
						continue
					}
					plain := decodePercent(addr)
					if plain == addr || decodePercent(plain) != plain {
						continue // what would change again is escaped twice: not ours to read
					}
					after := mailtoScheme + plain
					if c.Found(found(Warning, ev, l.Name(), l.Value(), after)) {
						l.SetValue(after)
					}
				}
			}
		},
	}
}

// decodePercent decodes %XX where it stands for a character that may occur in
// an address as it is.
func decodePercent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err == nil && isPlain(byte(n)) {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// isPlain reports whether an octet needs no escape: the unreserved characters of
// RFC 3986 §2.3, and what is common in addresses besides.
func isPlain(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("-._~+=@", c) >= 0
}
