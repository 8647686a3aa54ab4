package notice

import (
	"strings"
	"sync"
	"unicode"
)

// Language is a language of notices.
type Language uint8

const (
	English Language = iota
	German
	French
	Spanish
	Dutch
)

var tags = [...]string{English: "en", German: "de", French: "fr", Spanish: "es", Dutch: "nl"}

// String returns the language's tag (RFC 5646).
func (l Language) String() string { return tags[l] }

// Parse returns the language of a tag, English for any other.
func Parse(tag string) Language {
	for l, t := range tags {
		if t == tag {
			return Language(l)
		}
	}
	return English
}

// cancelled is what a subject begins with that calls a meeting off.
var cancelled = [...]string{English: "Canceled", German: "Abgesagt", French: "Annulé", Spanish: "Cancelado", Dutch: "Geannuleerd"}

// Cancelled returns the subject of a message that cancels a meeting.
func (l Language) Cancelled(subject string) string {
	return strings.TrimSpace(cancelled[l] + ": " + subject)
}

// Signs is what shows the language of a message.
type Signs struct {
	Tags    []string // Content-Language, LANGUAGE parameters
	Subject string
	Text    string
}

// maxRead bounds the text that is looked at.
const maxRead = 8 << 10

// Detect chooses the language: by a tag, else by the prefix that a calendar program
// puts before the subject, else by the most common words of the text. If these
// decide nothing, it is English.
func Detect(s Signs) Language {
	for _, tag := range s.Tags {
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		for l, t := range tags {
			if primary == t {
				return Language(l)
			}
		}
	}
	if prefix, _, ok := strings.Cut(strings.ToLower(s.Subject), ":"); ok {
		prefix = strings.TrimFunc(prefix, unicode.IsSpace)
		for _, p := range prefixes {
			if p.word == prefix {
				return p.language
			}
		}
	}
	return byWords(s.Subject + " " + s.Text)
}

// byWords counts words that are frequent in one language and in no other.
func byWords(text string) Language {
	text = strings.ToLower(text[:min(len(text), maxRead)])
	known := stopwords()
	var hits [len(tags)]int
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if l, ok := known[w]; ok {
			hits[l]++
		}
	}
	best := English
	for l := range hits {
		if hits[l] > hits[best] {
			best = Language(l)
		}
	}
	if hits[best] < 2 {
		return English
	}
	return best
}

// prefixes are what Outlook, Exchange, Google and Notes put before a subject.
// Words that two languages share are left out.
var prefixes = []struct {
	word     string
	language Language
	kind     Kind
}{
	{"updated", English, Update}, {"updated invitation", English, Update}, {"changed", English, Update}, {"rescheduled", English, Update},
	{"canceled", English, Cancellation}, {"cancelled", English, Cancellation}, {"canceled event", English, Cancellation},
	{"invitation", English, Invitation}, {"accepted", English, Accepted}, {"tentative", English, Tentative}, {"declined", English, Declined},
	{"aktualisiert", German, Update}, {"aktualisierte einladung", German, Update}, {"geändert", German, Update}, {"terminänderung", German, Update},
	{"abgesagt", German, Cancellation}, {"abgesagter termin", German, Cancellation}, {"absage", German, Cancellation},
	{"einladung", German, Invitation}, {"zugesagt", German, Accepted}, {"mit vorbehalt", German, Tentative}, {"abgelehnt", German, Declined},
	{"mis à jour", French, Update}, {"mise à jour", French, Update}, {"invitation mise à jour", French, Update}, {"modifié", French, Update},
	{"annulé", French, Cancellation}, {"annulée", French, Cancellation}, {"événement annulé", French, Cancellation},
	{"accepté", French, Accepted}, {"refusé", French, Declined}, {"provisoire", French, Tentative},
	{"actualizado", Spanish, Update}, {"actualizada", Spanish, Update}, {"invitación actualizada", Spanish, Update},
	{"cancelado", Spanish, Cancellation}, {"cancelada", Spanish, Cancellation}, {"evento cancelado", Spanish, Cancellation},
	{"invitación", Spanish, Invitation}, {"aceptado", Spanish, Accepted}, {"aceptada", Spanish, Accepted}, {"rechazado", Spanish, Declined}, {"rechazada", Spanish, Declined},
	{"bijgewerkt", Dutch, Update}, {"bijgewerkte uitnodiging", Dutch, Update}, {"gewijzigd", Dutch, Update},
	{"geannuleerd", Dutch, Cancellation}, {"geannuleerde afspraak", Dutch, Cancellation},
	{"uitnodiging", Dutch, Invitation}, {"geaccepteerd", Dutch, Accepted}, {"voorlopig", Dutch, Tentative}, {"geweigerd", Dutch, Declined},
}

// PrefixKind returns the kind that the prefix of a subject names, Other for an
// unknown prefix or none.
func PrefixKind(subject string) Kind {
	if prefix, _, ok := strings.Cut(strings.ToLower(subject), ":"); ok {
		for _, p := range prefixes {
			if p.word == strings.TrimFunc(prefix, unicode.IsSpace) {
				return p.kind
			}
		}
	}
	return Other
}

// stopwords are frequent in one of the languages and no words of the others.
var stopwords = sync.OnceValue(func() map[string]Language {
	list := [...]string{
		English: "the and of to is you we for with this that are be your please from have will meeting our it",
		German:  "der und das ist nicht wir sie mit für auf ein eine bitte dem den des zu von werden wird im zur uns",
		French:  "le les et est vous nous pour avec dans sur une du au aux ce cette qui votre notre pas réunion merci bonjour",
		Spanish: "el los y es para con por una del al que su nuestro reunión favor gracias hola las esta este como",
		Dutch:   "het een van voor niet wij zijn naar met deze dat graag bij ook wordt onze vergadering jullie aan",
	}
	uses := map[string]int{}
	for _, words := range list {
		for w := range strings.FieldsSeq(words) {
			uses[w]++
		}
	}
	only := map[string]Language{}
	for l, words := range list {
		for w := range strings.FieldsSeq(words) {
			if uses[w] == 1 {
				only[w] = Language(l)
			}
		}
	}
	return only
})
