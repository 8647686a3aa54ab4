package ledger

import (
	"regexp"
	"strings"
	"time"
)

// Evidence shows which system manages the calendars of a domain. Its JSON form has
// the keys of the log.
type Evidence struct {
	Domain  string    `json:"domain"`
	Kind    string    `json:"kind"`
	Profile string    `json:"profile"`
	Text    string    `json:"evidence"`
	Seen    time.Time `json:"seen"`
}

// Kinds of evidence.
const (
	KindProgram  = "program"  // PRODID of an answer: the program that manages the calendar
	KindField    = "field"    // a header field of an answer: a mail system that it passed
	KindBounce   = "bounce"   // the text of a delivery status notification
	KindGreeting = "greeting" // the greeting of the next hop of a route for the domain
)

// kinds are all of them; the first that there is counts.
var kinds = []string{KindProgram, KindField, KindBounce, KindGreeting}

// sign is a part of a text, in lower case, and the profile that it speaks for.
type sign struct{ part, profile string }

// programSigns are names in a PRODID: of the system that keeps the calendar, not of a
// program that shows it (Outlook and Apple's calendar work with many).
var programSigns = []sign{
	{"microsoft cdo for microsoft exchange", "exchange2003"},
	{"microsoft exchange server 2007", "exchange2007"},
	{"microsoft exchange server", "exchange"},
	{"lotus", "domino"}, {"domino", "domino"}, {"hcl notes", "domino"},
	{"google calendar", "google"}, {"zimbra", "zimbra"}, {"sabredav", "sabre"}, {"sabre vobject", "sabre"}, {"nextcloud", "sabre"}, {"sogo", "sabre"},
}

// fieldSigns are what header fields of an answer say, each with the field's name.
var fieldSigns = []struct {
	field   string
	profile string
	text    *regexp.Regexp
}{
	{"X-Mailer", "domino", regexp.MustCompile(`(?i)(lotus|ibm|hcl) (notes|domino)( release)?( [\d.]+\w*)?`)},
	{"X-Mailer", "zimbra", regexp.MustCompile(`(?i)zimbra( [\w.]+)?`)},
	{"User-Agent", "sabre", regexp.MustCompile(`(?i)sogo(mail)?( [\d.]+)?`)},
	{"X-MimeOLE", "exchange2003", regexp.MustCompile(`(?i)produced by microsoft exchange v6\.[05][\d.]*`)},
	{"Received", "domino", regexp.MustCompile(`(?i)(lotus|ibm|hcl) domino release [\d.]+\w*`)},
	{"Received", "exchange2007", regexp.MustCompile(`(?i)with microsoft smtp server( \([^)]*\))? id 8\.[\d.]+`)},
	{"Received", "exchange", regexp.MustCompile(`(?i)with microsoft smtp server( \([^)]*\))? id 1[45]\.[\d.]+`)},
}

// bounceSigns are what only one system writes into its notifications.
var bounceSigns = []sign{
	{"not listed in domino directory", "domino"}, {"not listed in public name & address book", "domino"},
	{"resolver.adr.", "exchange"}, {"resolver.rst.", "exchange"}, {"storedrv.", "exchange"}, {" gsmtp", "google"},
}

// profileOf is the profile of the first sign that a text has.
func profileOf(text string, signs []sign) string {
	text = strings.ToLower(text)
	for _, s := range signs {
		if strings.Contains(text, s.part) {
			return s.profile
		}
	}
	return ""
}

// programProfile returns the profile that the author of a calendar suggests.
func programProfile(program string) string { return profileOf(program, programSigns) }

// fieldEvidence returns the evidence in header fields of an answer: only the part
// that identifies the program, since such a field may contain addresses.
func fieldEvidence(fields []string) (e Evidence, ok bool) {
	for _, s := range fieldSigns {
		for _, f := range fields {
			if value, is := strings.CutPrefix(f, s.field+": "); is {
				if text := s.text.FindString(value); text != "" {
					return Evidence{Kind: KindField, Profile: s.profile, Text: s.field + ": " + text}, true
				}
			}
		}
	}
	return e, false
}

// learned returns the evidence in a record about systems behind domains. For an
// inbound message the domain is that of the sender; messages of our own Exchange are
// evidence of no other domain.
func (r *Record) learned() []Evidence {
	var list []Evidence
	domain := r.domain()
	if r.Inbound {
		domain = ""
		for i := range r.Components {
			if isAnswer(r.Components[i].Method) && r.Sender != "" && r.anyDelivered() {
				domain = domainOf(r.Sender)
			}
		}
		if profile := programProfile(r.Program); profile != "" {
			list = append(list, Evidence{Kind: KindProgram, Profile: profile, Text: r.Program})
		}
	}
	if domain == "" {
		return nil
	}
	list = append(list, r.Evidence...)
	for i := range list {
		list[i].Domain, list[i].Seen = domain, r.Time
	}
	return list
}

// bounceEvidence returns the evidence in the text of a notification about a
// recipient.
func bounceEvidence(address, words string, at time.Time) (e Evidence, ok bool) {
	profile := profileOf(words, bounceSigns)
	if profile == "" || !strings.Contains(address, "@") {
		return e, false
	}
	return Evidence{Domain: domainOf(address), Kind: KindBounce, Profile: profile, Text: words, Seen: at}, true
}
