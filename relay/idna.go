package relay

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// asciiDomain brings a domain into the form in which domains are compared: lower
// case, no final dot, labels in other scripts as A-labels (RFC 5890 §2.3.2.1).
// It compares, it does not validate: what the DNS would refuse finds no route.
func asciiDomain(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if isASCII(domain) {
		return strings.ToLower(domain)
	}
	// RFC 5895 §2: lower case, then NFC; the ideographic full stops are dots.
	domain = norm.NFC.String(strings.ToLower(domain))
	domain = strings.NewReplacer("\u3002", ".", "\uff0e", ".", "\uff61", ".").Replace(domain)
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if !isASCII(label) {
			labels[i] = "xn--" + punycode(label)
		}
	}
	return strings.Join(labels, ".")
}

// punycode encodes a label (RFC 3492 §6.3). The work is quadratic, so a label
// that is too long for the DNS is not looked at; it equals nothing then.
func punycode(label string) string {
	const base, tMin, tMax = 36, 1, 26
	runes := []rune(label)
	if len(runes) > 63 {
		return label
	}
	var out []byte
	for _, r := range runes {
		if r < 0x80 {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(0x80), 0, 72
	for done := basic; done < len(runes); {
		next := rune(0x7fffffff)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tMin), tMax)
				if q < t {
					break
				}
				out = append(out, punycodeDigit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out = append(out, punycodeDigit(q))
			bias = punycodeBias(delta, done+1, done == basic)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out)
}

func punycodeDigit(d int) byte { return "abcdefghijklmnopqrstuvwxyz0123456789"[d] }

// punycodeBias is the bias adaptation of RFC 3492 §6.1.
func punycodeBias(delta, points int, first bool) int {
	const base, tMin, tMax, skew, damp = 36, 1, 26, 38, 700
	if first {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (base-tMin)*tMax/2; k += base {
		delta /= base - tMin
	}
	return k + (base-tMin+1)*delta/(delta+skew)
}
