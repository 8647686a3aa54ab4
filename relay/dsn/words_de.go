package dsn

var german = words{
	subject: map[Action]string{Failed: "Nicht zugestellt: %s", Delayed: "Verzögert: %s", Delivered: "Zugestellt: %s", Relayed: "Weitergeleitet: %s"},

	untitled:     "Ihre Nachricht",
	automatic:    "Dies ist eine automatische Nachricht des Mailservers %s zu einer Nachricht, die Sie gesendet haben:",
	subjectLabel: "Betreff:",
	arrived:      "Hier eingegangen:",

	happened: map[Action]string{
		Failed:    "Sie konnte den folgenden Empfängern nicht zugestellt werden; es wird nicht weiter versucht:",
		Expired:   "Sie konnte den folgenden Empfängern nicht innerhalb der zulässigen Zeit zugestellt werden; es wird nicht weiter versucht:",
		Delayed:   "Sie wurde den folgenden Empfängern noch nicht zugestellt:",
		Delivered: "Sie wurde den Mailsystemen der folgenden Empfänger zugestellt. Ob sie gelesen wurde, ist nicht bekannt:",
		Relayed: "Sie wurde für die folgenden Empfänger an einen Mailserver weitergeleitet, der die Zustellung nicht bestätigt. " +
			"Sie erhalten nur dann wieder eine Nachricht, wenn sie nicht zugestellt werden kann:",
	},
	until:   "Der Mailserver versucht es weiter, bis zu diesem Zeitpunkt: %s. Sie müssen die Nachricht nicht erneut senden.",
	replied: "Antwort des Mailservers %s:",
	reason:  "Grund:",
	by:      "Angenommen vom Mailserver %s.",
	meaning: [...]string{
		noAddress:   "Die Adresse gibt es dort nicht. Bitte prüfen Sie die Schreibweise.",
		noDomain:    "Den Teil der Adresse nach dem @ gibt es nicht, oder er nimmt keine Mail an. Bitte prüfen Sie die Schreibweise.",
		mailboxFull: "Das Postfach des Empfängers ist voll.",
		tooLarge:    "Die Nachricht ist für den Empfänger zu groß. Bitte senden Sie sie ohne Anlagen oder in Teilen.",
		noContent:   "Das Mailsystem des Empfängers kann den Inhalt der Nachricht nicht verarbeiten.",
		notAllowed:  "Das Mailsystem des Empfängers lässt diese Nachricht nicht zu. Den Grund kennt dessen Administrator.",
		unreachable: "Das Mailsystem des Empfängers war nicht erreichbar.",
	},

	oneDate: "Es geht nur um diesen einen Termin einer Besprechungsserie; die anderen Termine sind nicht betroffen.",
	unknown: byKind(
		"In der Nachricht geht es um eine Besprechung. Die oben genannten Empfänger haben sie nicht erhalten; ihre Kalender sind möglicherweise nicht aktuell.",
		"Die Nachricht ist eine Einladung zu einer Besprechung. Die oben genannten Empfänger haben sie nicht erhalten und wissen nichts von der Besprechung.",
		"Die Nachricht ändert eine Besprechung. Die oben genannten Empfänger wissen nichts von der Änderung; ihre Kalender zeigen die Besprechung noch so wie vorher.",
		"Die Nachricht sagt eine Besprechung ab. Die oben genannten Empfänger wissen nichts von der Absage; ihre Kalender zeigen die Besprechung noch, und sie kommen möglicherweise.",
		"Die Nachricht ist Ihre Antwort auf eine Einladung. Der Organisator hat sie nicht erhalten und wartet möglicherweise noch auf Ihre Antwort.",
		"Die Nachricht schlägt einen anderen Termin für eine Besprechung vor. Der Organisator hat den Vorschlag nicht erhalten."),
	act: byKind(
		"Bitte informieren Sie sie auf anderem Weg, zum Beispiel telefonisch.",
		"Bitte laden Sie sie auf anderem Weg ein, zum Beispiel telefonisch, oder senden Sie die Einladung erneut, sobald die Ursache behoben ist.",
		"Bitte informieren Sie sie auf anderem Weg, zum Beispiel telefonisch, oder senden Sie die Aktualisierung erneut, sobald die Ursache behoben ist.",
		"Bitte informieren Sie sie auf anderem Weg, zum Beispiel telefonisch, oder senden Sie die Absage erneut, sobald die Ursache behoben ist.",
		"Bitte antworten Sie auf anderem Weg, zum Beispiel telefonisch.",
		"Bitte machen Sie den Vorschlag auf anderem Weg, zum Beispiel telefonisch."),
	unknownYet: byKind(
		"In der Nachricht geht es um eine Besprechung. Die oben genannten Empfänger haben sie noch nicht erhalten.",
		"Die Nachricht ist eine Einladung zu einer Besprechung. Die oben genannten Empfänger wissen noch nichts von der Besprechung.",
		"Die Nachricht ändert eine Besprechung. Die oben genannten Empfänger wissen noch nichts von der Änderung; ihre Kalender zeigen die Besprechung noch so wie vorher.",
		"Die Nachricht sagt eine Besprechung ab. Die oben genannten Empfänger wissen noch nichts von der Absage; ihre Kalender zeigen die Besprechung noch.",
		"Die Nachricht ist Ihre Antwort auf eine Einladung. Der Organisator hat sie noch nicht erhalten.",
		"Die Nachricht schlägt einen anderen Termin für eine Besprechung vor. Der Organisator hat den Vorschlag noch nicht erhalten."),
	wait:   "Im Moment müssen Sie nichts tun: Sie erhalten eine Nachricht, wenn die Zustellung scheitert.",
	near:   "Die Besprechung beginnt möglicherweise, bevor die Nachricht ankommt. Bitte informieren Sie sie auf anderem Weg, zum Beispiel telefonisch.",
	ifSoon: "Wenn die Besprechung bald beginnt, informieren Sie sie bitte auf anderem Weg, zum Beispiel telefonisch. Andernfalls müssen Sie im Moment nichts tun.",

	full:   "Ihre Nachricht ist angehängt.",
	header: "Der Kopf Ihrer Nachricht ist angehängt.",
}
