package nexthop

import "strings"

// fingerprint says which receiver's profile a greeting, the first line of the
// answer to EHLO and its keywords suggest, or "" when they say nothing. An
// administrator's setting always wins. It looks at what the products say of
// themselves by default; a filter or a Postfix in front hides them, and then the
// answer is "".
//
// Domino offers no 8BITMIME by default, but neither do others; that alone is no
// reason for its profile.
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

// fingerprintKeywords is for a greeting that the administrator changed: the
// keywords are what they were.
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

// fingerprintMicrosoft tells the generations apart. Up to Windows 2003 the IIS
// SMTP service gives its version; from Exchange 2007 on there is none. A later
// IIS without Exchange behind it gives a version of 7 and up.
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

// fingerprintExchange tells 2007 from what followed: 2007 still offers XEXCH50
// and knows no shadow redundancy, which came with 2010.
func fingerprintExchange(keywords []string) string {
	if hasKeyword(keywords, "XEXCH50") && !hasKeyword(keywords, "XSHADOW") && !hasKeyword(keywords, "XSHADOWREQUEST") {
		return "exchange2007"
	}
	return "exchange"
}

// hasKeyword looks for an EHLO keyword in lines of keyword and parameters.
func hasKeyword(lines []string, keyword string) bool {
	for _, line := range lines {
		if k, _, _ := strings.Cut(line, " "); strings.EqualFold(k, keyword) {
			return true
		}
	}
	return false
}
