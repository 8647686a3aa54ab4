package nexthop

import "strings"

// fingerprint returns the receiver's profile that a greeting, the first line of the
// reply to EHLO and its keywords suggest, or "" when they suggest none. An
// administrator's setting takes precedence. It relies on what the products send by
// default; behind a filter or a Postfix the result is "".
//
// Domino offers no 8BITMIME by default, but that alone does not suggest its profile:
// others do not offer it either.
func fingerprint(greeting, ehlo string, keywords []string) string {
	g := strings.ToLower(greeting)
	switch {
	case strings.Contains(g, "microsoft"):
		return fingerprintMicrosoft(g, keywords)
	case strings.Contains(g, "lotus domino"), strings.Contains(g, "ibm domino"), strings.Contains(g, "hcl domino"),
		strings.Contains(g, "lotus smtp mta"), strings.Contains(g, "lotus notes"):
		return "domino"
	case strings.HasSuffix(g, " gsmtp"):
		return "google"
	case strings.Contains(g, "zimbra"):
		return "zimbra"
	}
	for _, line := range []string{g, strings.ToLower(ehlo)} {
		host, _, _ := strings.Cut(line, " ")
		switch {
		case strings.HasSuffix(host, ".google.com"):
			return "google"
		case strings.HasSuffix(host, ".icloud.com"):
			return "apple"
		case strings.HasSuffix(host, ".protection.outlook.com"):
			return "exchange"
		}
	}
	return fingerprintKeywords(keywords)
}

// fingerprintKeywords is for a greeting that the administrator has changed: the
// keywords are still the default ones.
func fingerprintKeywords(keywords []string) string {
	switch {
	case hasKeyword(keywords, "X-LINK2STATE"):
		return "exchange2003"
	case hasKeyword(keywords, "X-ANONYMOUSTLS"), hasKeyword(keywords, "XRDST"), hasKeyword(keywords, "XSHADOW"),
		hasKeyword(keywords, "XSHADOWREQUEST"):
		return fingerprintExchange(keywords)
	case hasKeyword(keywords, "XEXCH50"), hasKeyword(keywords, "X-EXPS"):
		return "exchange2003" // later versions offer one of those above as well
	}
	return ""
}

// fingerprintMicrosoft distinguishes the generations. Up to Windows 2003 the SMTP
// service of IIS sends its version; Exchange from 2007 on sends none. A later IIS
// without Exchange sends a version of 7 or higher.
func fingerprintMicrosoft(greeting string, keywords []string) string {
	switch {
	case strings.Contains(greeting, "internet mail service"), // Exchange 5.5
		strings.Contains(greeting, "version: 5."), strings.Contains(greeting, "version: 6."),
		hasKeyword(keywords, "X-LINK2STATE"):
		return "exchange2003"
	case strings.Contains(greeting, "version: "):
		return ""
	case strings.Contains(greeting, "microsoft esmtp mail service"):
		return fingerprintExchange(keywords)
	}
	return ""
}

// fingerprintExchange distinguishes 2007 from later versions: 2007 still offers
// XEXCH50 and has no shadow redundancy, which was added in 2010.
func fingerprintExchange(keywords []string) string {
	if hasKeyword(keywords, "XEXCH50") && !hasKeyword(keywords, "XSHADOW") && !hasKeyword(keywords, "XSHADOWREQUEST") {
		return "exchange2007"
	}
	return "exchange"
}

// hasKeyword reports whether an EHLO keyword is in lines of keyword and parameters.
func hasKeyword(lines []string, keyword string) bool {
	for _, line := range lines {
		if k, _, _ := strings.Cut(line, " "); strings.EqualFold(k, keyword) {
			return true
		}
	}
	return false
}
