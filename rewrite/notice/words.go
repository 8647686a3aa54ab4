package notice

// words are the sentences of one language. Each stands for itself: nothing is
// put together from parts that would have to agree in gender or number.
type words struct {
	cal *calendarWords

	happened [Counter + 1]string // by Kind
	oneDate  [Cancellation + 1]string
	refused  string
	enter    string // what to do, for an invitation
	change   string // for an update
	remove   string // for a cancellation
	reply    string // for an answer, a proposal and whatever else there is
	attached string // "%s" is the file
	ask      string // "%s" is a person; for who is invited
	question string // for all others

	subject, when, affected, dates, where, host, sender string // labels, with their colon
	more, local                                         string
	original                                            string
}

func (l Language) words() *words {
	switch l {
	case German:
		return &germanWords
	case French:
		return &frenchWords
	case Spanish:
		return &spanishWords
	case Dutch:
		return &dutchWords
	}
	return &englishWords
}

var englishWords = words{
	cal: &english,
	happened: [...]string{
		Other:        "This message is about a meeting.",
		Invitation:   "You are invited to a meeting.",
		Update:       "A meeting that you are invited to has changed.",
		Cancellation: "A meeting that you were invited to has been cancelled.",
		Accepted:     "The invitation to a meeting has been accepted.",
		Tentative:    "The invitation to a meeting has been accepted tentatively.",
		Declined:     "The invitation to a meeting has been declined.",
		Counter:      "Another time has been proposed for a meeting.",
	},
	oneDate: [...]string{
		Other:        "This message is about one date of a recurring meeting.",
		Invitation:   "You are invited to one date of a recurring meeting.",
		Update:       "One date of a recurring meeting that you are invited to has changed.",
		Cancellation: "One date of a recurring meeting that you were invited to has been cancelled. All other dates remain.",
	},
	refused:  "The receiving mail system refused the calendar in this message, so your calendar does not know about it.",
	enter:    "Please enter the meeting in your calendar yourself.",
	change:   "Please change the entry in your calendar yourself. What follows is how the meeting stands now.",
	remove:   "Please delete the entry from your calendar yourself.",
	reply:    "Please update your calendar yourself.",
	attached: "The calendar is attached as the file %s; your calendar program may be able to open it.",
	ask:      "To accept or decline, or if you have any questions, please write to %s.",
	question: "If you have any questions, please write to %s.",
	subject:  "Subject:", when: "When:", affected: "Originally:", dates: "Dates:", where: "Where:", host: "Organizer:", sender: "From:",
	more: "and further dates", local: "local time",
	original: "Text of the message:",
}

var germanWords = words{
	cal: &german,
	happened: [...]string{
		Other:        "In dieser Nachricht geht es um eine Besprechung.",
		Invitation:   "Sie sind zu einer Besprechung eingeladen.",
		Update:       "Eine Besprechung, zu der Sie eingeladen sind, wurde geändert.",
		Cancellation: "Eine Besprechung, zu der Sie eingeladen waren, wurde abgesagt.",
		Accepted:     "Die Einladung zu einer Besprechung wurde angenommen.",
		Tentative:    "Die Einladung zu einer Besprechung wurde mit Vorbehalt angenommen.",
		Declined:     "Die Einladung zu einer Besprechung wurde abgelehnt.",
		Counter:      "Für eine Besprechung wurde ein anderer Termin vorgeschlagen.",
	},
	oneDate: [...]string{
		Other:        "In dieser Nachricht geht es um einen einzelnen Termin einer Besprechungsserie.",
		Invitation:   "Sie sind zu einem einzelnen Termin einer Besprechungsserie eingeladen.",
		Update:       "Ein einzelner Termin einer Besprechungsserie, zu der Sie eingeladen sind, wurde geändert.",
		Cancellation: "Ein einzelner Termin einer Besprechungsserie, zu der Sie eingeladen waren, wurde abgesagt. Alle anderen Termine bleiben bestehen.",
	},
	refused:  "Das empfangende Mailsystem hat den Kalendereintrag in dieser Nachricht nicht angenommen. Ihr Kalender weiß deshalb nichts davon.",
	enter:    "Bitte tragen Sie die Besprechung selbst in Ihren Kalender ein.",
	change:   "Bitte ändern Sie den Eintrag in Ihrem Kalender selbst. Im Folgenden steht der aktuelle Stand.",
	remove:   "Bitte löschen Sie den Eintrag selbst aus Ihrem Kalender.",
	reply:    "Bitte ändern Sie Ihren Kalender bei Bedarf selbst.",
	attached: "Der Kalendereintrag ist als Datei %s angehängt; möglicherweise kann Ihr Kalenderprogramm sie öffnen.",
	ask:      "Wenn Sie zu- oder absagen möchten oder Fragen haben, schreiben Sie bitte an %s.",
	question: "Wenn Sie Fragen haben, schreiben Sie bitte an %s.",
	subject:  "Betreff:", when: "Wann:", affected: "Ursprünglich:", dates: "Termine:", where: "Ort:", host: "Organisator:", sender: "Von:",
	more: "und weitere Termine", local: "Ortszeit",
	original: "Text der Nachricht:",
}

var frenchWords = words{
	cal: &french,
	happened: [...]string{
		Other:        "Ce message concerne une réunion.",
		Invitation:   "Vous êtes invité(e) à une réunion.",
		Update:       "Une réunion à laquelle vous êtes invité(e) a été modifiée.",
		Cancellation: "Une réunion à laquelle vous étiez invité(e) a été annulée.",
		Accepted:     "L’invitation à une réunion a été acceptée.",
		Tentative:    "L’invitation à une réunion a été acceptée sous réserve.",
		Declined:     "L’invitation à une réunion a été refusée.",
		Counter:      "Un autre horaire a été proposé pour une réunion.",
	},
	oneDate: [...]string{
		Other:        "Ce message concerne une seule date d’une réunion périodique.",
		Invitation:   "Vous êtes invité(e) à une seule date d’une réunion périodique.",
		Update:       "Une seule date d’une réunion périodique à laquelle vous êtes invité(e) a été modifiée.",
		Cancellation: "Une seule date d’une réunion périodique à laquelle vous étiez invité(e) a été annulée. Toutes les autres dates sont maintenues.",
	},
	refused:  "Le système de messagerie destinataire a refusé la partie calendrier de ce message\u00a0: votre calendrier n’en tient donc pas compte.",
	enter:    "Veuillez ajouter vous-même la réunion à votre calendrier.",
	change:   "Veuillez modifier vous-même la réunion dans votre calendrier. Les informations à jour figurent ci-dessous.",
	remove:   "Veuillez supprimer vous-même la réunion de votre calendrier.",
	reply:    "Veuillez mettre à jour votre calendrier vous-même.",
	attached: "Le calendrier est joint à ce message (fichier %s)\u00a0; votre logiciel de calendrier pourra peut-être l’ouvrir.",
	ask:      "Pour accepter ou refuser, ou pour toute question, veuillez écrire à %s.",
	question: "Pour toute question, veuillez écrire à %s.",
	subject:  "Objet\u00a0:", when: "Quand\u00a0:", affected: "Date initiale\u00a0:", dates: "Dates\u00a0:", where: "Lieu\u00a0:",
	host: "Organisateur\u00a0:", sender: "De\u00a0:",
	more: "et d’autres dates", local: "heure locale",
	original: "Texte du message\u00a0:",
}

var spanishWords = words{
	cal: &spanish,
	happened: [...]string{
		Other:        "Este mensaje se refiere a una reunión.",
		Invitation:   "Ha recibido una invitación a una reunión.",
		Update:       "Ha cambiado una reunión a la que se le había invitado.",
		Cancellation: "Se ha cancelado una reunión a la que se le había invitado.",
		Accepted:     "Se ha aceptado la invitación a una reunión.",
		Tentative:    "Se ha aceptado de forma provisional la invitación a una reunión.",
		Declined:     "Se ha rechazado la invitación a una reunión.",
		Counter:      "Se ha propuesto otra hora para una reunión.",
	},
	oneDate: [...]string{
		Other:        "Este mensaje se refiere a una sola fecha de una reunión periódica.",
		Invitation:   "Ha recibido una invitación a una sola fecha de una reunión periódica.",
		Update:       "Ha cambiado una sola fecha de una reunión periódica a la que se le había invitado.",
		Cancellation: "Se ha cancelado una sola fecha de una reunión periódica a la que se le había invitado. Las demás fechas se mantienen.",
	},
	refused:  "El sistema de correo de destino ha rechazado el calendario de este mensaje, por lo que su calendario no se ha actualizado.",
	enter:    "Añada la reunión a su calendario manualmente.",
	change:   "Modifique la reunión en su calendario manualmente. A continuación figuran los datos actuales.",
	remove:   "Elimine la reunión de su calendario manualmente.",
	reply:    "Actualice su calendario manualmente.",
	attached: "El calendario se adjunta en el archivo %s; es posible que su programa de calendario pueda abrirlo.",
	ask:      "Para aceptar o rechazar la invitación, o si tiene alguna pregunta, escriba a %s.",
	question: "Si tiene alguna pregunta, escriba a %s.",
	subject:  "Asunto:", when: "Cuándo:", affected: "Fecha original:", dates: "Fechas:", where: "Lugar:", host: "Organizador:", sender: "De:",
	more: "y otras fechas", local: "hora local",
	original: "Texto del mensaje:",
}

var dutchWords = words{
	cal: &dutch,
	happened: [...]string{
		Other:        "Dit bericht gaat over een vergadering.",
		Invitation:   "U bent uitgenodigd voor een vergadering.",
		Update:       "Een vergadering waarvoor u bent uitgenodigd, is gewijzigd.",
		Cancellation: "Een vergadering waarvoor u was uitgenodigd, is geannuleerd.",
		Accepted:     "De uitnodiging voor een vergadering is geaccepteerd.",
		Tentative:    "De uitnodiging voor een vergadering is onder voorbehoud geaccepteerd.",
		Declined:     "De uitnodiging voor een vergadering is afgewezen.",
		Counter:      "Voor een vergadering is een ander tijdstip voorgesteld.",
	},
	oneDate: [...]string{
		Other:        "Dit bericht gaat over één datum van een terugkerende vergadering.",
		Invitation:   "U bent uitgenodigd voor één datum van een terugkerende vergadering.",
		Update:       "Eén datum van een terugkerende vergadering waarvoor u bent uitgenodigd, is gewijzigd.",
		Cancellation: "Eén datum van een terugkerende vergadering waarvoor u was uitgenodigd, is geannuleerd. Alle andere vergaderingen gaan door.",
	},
	refused:  "Het ontvangende mailsysteem heeft het agenda-item in dit bericht geweigerd. Uw agenda is daarom niet bijgewerkt.",
	enter:    "Zet de vergadering zelf in uw agenda.",
	change:   "Pas de afspraak in uw agenda zelf aan. Hieronder staan de actuele gegevens.",
	remove:   "Verwijder de afspraak zelf uit uw agenda.",
	reply:    "Werk uw agenda zo nodig zelf bij.",
	attached: "Het agenda-item is bijgevoegd als bestand %s; mogelijk kan uw agendaprogramma het openen.",
	ask:      "Wilt u de uitnodiging accepteren of afwijzen, of hebt u vragen? Schrijf dan naar %s.",
	question: "Hebt u vragen? Schrijf dan naar %s.",
	subject:  "Onderwerp:", when: "Wanneer:", affected: "Oorspronkelijk:", dates: "Data:", where: "Waar:", host: "Organisator:", sender: "Van:",
	more: "en andere data", local: "lokale tijd",
	original: "Tekst van het bericht:",
}
