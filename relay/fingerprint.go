package relay

import "strings"

// fingerprint says which receiver's profile a greeting and the EHLO keywords
// suggest, or "" when they say nothing. An administrator's setting always wins.
// It looks at what the products say of themselves by default; a filter or a
// Postfix in front hides them, and then the answer is "".
func fingerprint(greeting string, keywords []string) string {
	g := strings.ToLower(greeting)
	host, _, _ := strings.Cut(g, " ")
	switch {
	case strings.Contains(g, "microsoft"):
		return fingerprintMicrosoft(g, keywords)
	case strings.Contains(g, "lotus domino"), strings.Contains(g, "ibm domino"), strings.Contains(g, "hcl domino"),
		strings.Contains(g, "lotus smtp mta"), strings.Contains(g, "lotus notes"):
		return "domino"
	case strings.HasPrefix(g, "mx.google.com "), strings.HasSuffix(host, ".google.com"), strings.HasSuffix(g, " gsmtp"):
		return "google"
	case strings.HasSuffix(host, ".icloud.com"):
		return "apple"
	case strings.Contains(g, "zimbra"):
		return "zimbra"
	}
	switch { // the greeting was changed by the administrator, the keywords were not
	case hasKeyword(keywords, "X-LINK2STATE"):
		return "exchange2003"
	case hasKeyword(keywords, "X-ANONYMOUSTLS"), hasKeyword(keywords, "XRDST"), hasKeyword(keywords, "XSHADOW"),
		hasKeyword(keywords, "XSHADOWREQUEST"):
		return fingerprintExchange(keywords)
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
