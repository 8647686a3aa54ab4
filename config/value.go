package config

import (
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
)

var (
	prefixType   = reflect.TypeFor[netip.Prefix]()
	sizeType     = reflect.TypeFor[Size]()
	durationType = reflect.TypeFor[time.Duration]()
)

// units of a Size. SI and binary ones differ, as in IEC 80000-13.
var units = []struct {
	name string
	size int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// parseSize reads a number of octets with its unit: "50MB", "512 KiB".
func parseSize(s string) (Size, error) {
	for _, u := range units {
		digits, ok := cutSuffixFold(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/u.size {
			return 0, fmt.Errorf("%q is not a size", s)
		}
		return Size(n * u.size), nil
	}
	return 0, fmt.Errorf("%q has no unit", s)
}

func cutSuffixFold(s, suffix string) (string, bool) {
	i := len(s) - len(suffix)
	if i < 0 || !strings.EqualFold(s[i:], suffix) {
		return s, false
	}
	return s[:i], true
}

// String returns the size with the largest unit that divides it.
func (s Size) String() string {
	for _, u := range []int{2, 5, 1, 4, 0, 3} { // GiB, GB, MiB, MB, KiB, KB
		if s != 0 && int64(s)%units[u].size == 0 {
			return strconv.FormatInt(int64(s)/units[u].size, 10) + units[u].name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// ParseDuration parses a duration of 0 or more; unlike time.ParseDuration it accepts
// days and does not accept a number without a unit.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 100_000 {
			return 0, fmt.Errorf("%q is not a duration", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return 0, fmt.Errorf("%q has no unit", s)
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return d, nil
}

// parsePrefix reads a network, or one address as a network of its own.
func parsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("%q is neither a network nor an address", s)
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// wrongValue returns what is wrong with a value for a key of type t, and what
// would be right; both are empty when it is good.
func wrongValue(value any, t reflect.Type) (text, hint string) {
	switch {
	case t == sizeType:
		return wrongText(value, `write it with a unit, for example "50MB" or "512KiB"`, func(s string) error { _, err := parseSize(s); return err })
	case t == durationType:
		return wrongText(value, `write it with a unit, for example "30s", "5m", "1h" or "7d"`, func(s string) error { _, err := ParseDuration(s); return err })
	case t == prefixType:
		return wrongText(value, `write a network such as "10.1.2.0/24" or one address`, func(s string) error { _, err := parsePrefix(s); return err })
	case t.Kind() == reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return "must be a list, not " + kindOf(value), `write it in brackets: ["…"]`
		}
		for _, e := range list {
			if text, hint = wrongValue(e, t.Elem()); text != "" {
				return text, hint
			}
		}
		return "", ""
	case t.Kind() == reflect.String:
		return wrongText(value, `write it in quotes: "…"`, func(string) error { return nil })
	case t.Kind() == reflect.Bool:
		if _, ok := value.(bool); !ok {
			return "must be true or false, not " + kindOf(value), "write it without quotes"
		}
	case t.Kind() == reflect.Int:
		n, ok := value.(int64)
		if !ok {
			return "must be a whole number, not " + kindOf(value), "write digits without quotes"
		}
		if n < 0 || n > math.MaxInt32 {
			return fmt.Sprintf("%d is out of range", n), "write a number from 0 to 2147483647"
		}
	}
	return "", ""
}

func wrongText(value any, hint string, parse func(string) error) (string, string) {
	s, ok := value.(string)
	if !ok {
		return "must be text, not " + kindOf(value), hint
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Sprintf("%q has a control character", s), "remove it; " + backslashHint
	}
	if err := parse(s); err != nil {
		return err.Error(), hint
	}
	return "", ""
}

// kindOf names the TOML type of a value.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64:
		return "a number"
	case float64:
		return "a fraction"
	case []any:
		return "a list"
	case map[string]any, []map[string]any:
		return "a table"
	default:
		return "a date"
	}
}

// decodeHook turns the texts of the file into sizes, durations and networks.
func decodeHook() mapstructure.DecodeHookFuncType {
	return func(from, to reflect.Type, value any) (any, error) {
		s, ok := value.(string)
		if !ok || from.Kind() != reflect.String {
			return value, nil
		}
		switch to {
		case sizeType:
			return parseSize(s)
		case durationType:
			return ParseDuration(s)
		case prefixType:
			return parsePrefix(s)
		default:
			return value, nil
		}
	}
}
