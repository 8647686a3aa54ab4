package dsn

var french = words{
	subject: map[Action]string{Failed: "Non remis\u00a0: %s", Delayed: "Retardé\u00a0: %s", Delivered: "Remis\u00a0: %s", Relayed: "Transmis\u00a0: %s"},

	untitled:     "votre message",
	automatic:    "Ceci est un message automatique du serveur de messagerie %s au sujet d’un message que vous avez envoyé\u00a0:",
	subjectLabel: "Objet\u00a0:",
	arrived:      "Reçu ici\u00a0:",

	happened: map[Action]string{
		Failed:    "Il n’a pas pu être remis aux destinataires suivants, et aucune nouvelle tentative n’aura lieu\u00a0:",
		Expired:   "Il n’a pas pu être remis aux destinataires suivants dans le délai prévu, et aucune nouvelle tentative n’aura lieu\u00a0:",
		Delayed:   "Il n’a pas encore été remis aux destinataires suivants\u00a0:",
		Delivered: "Il a été remis aux systèmes de messagerie des destinataires suivants. On ne sait pas s’ils l’ont lu\u00a0:",
		Relayed: "Il a été transmis, pour les destinataires suivants, à un serveur de messagerie qui ne confirme pas la remise. " +
			"Vous ne recevrez un autre avis que s’il ne peut pas être remis\u00a0:",
	},
	until:   "Le serveur de messagerie poursuit ses tentatives jusqu’à cette date\u00a0: %s. Il n’est pas nécessaire de renvoyer le message.",
	replied: "Réponse du serveur de messagerie %s\u00a0:",
	reason:  "Raison\u00a0:",
	by:      "Accepté par le serveur de messagerie %s.",
	meaning: [...]string{
		noAddress:   "Cette adresse n’y existe pas. Veuillez en vérifier l’orthographe.",
		noDomain:    "La partie de l’adresse après le @ n’existe pas ou n’accepte pas de courrier. Veuillez en vérifier l’orthographe.",
		mailboxFull: "La boîte aux lettres du destinataire est pleine.",
		tooLarge:    "Le message est trop volumineux pour le destinataire. Veuillez l’envoyer sans pièces jointes ou en plusieurs parties.",
		noContent:   "Le système de messagerie du destinataire ne peut pas traiter le contenu du message.",
		notAllowed:  "Le système de messagerie du destinataire n’autorise pas ce message. Son administrateur peut en donner la raison.",
		unreachable: "Le système de messagerie du destinataire n’a pas pu être joint.",
	},

	oneDate: "Il s’agit de cette seule date d’une réunion périodique\u00a0; les autres dates ne sont pas concernées.",
	unknown: byKind(
		"Le message concerne une réunion. Les destinataires ci-dessus ne l’ont pas reçu\u00a0; leurs calendriers ne sont peut-être pas à jour.",
		"Le message est une invitation à une réunion. Les destinataires ci-dessus ne l’ont pas reçue et ne sont pas au courant de la réunion.",
		"Le message modifie une réunion. Les destinataires ci-dessus ne sont pas au courant de la modification\u00a0; leurs calendriers montrent encore la réunion telle qu’elle était.",
		"Le message annule une réunion. Les destinataires ci-dessus ne sont pas au courant de l’annulation\u00a0; leurs calendriers montrent encore la réunion, et ils viendront peut-être.",
		"Le message est votre réponse à une invitation. L’organisateur ne l’a pas reçue et l’attend peut-être encore.",
		"Le message propose un autre horaire pour une réunion. L’organisateur n’a pas reçu la proposition."),
	act: byKind(
		"Veuillez les prévenir autrement, par exemple par téléphone.",
		"Veuillez les inviter autrement, par exemple par téléphone, ou renvoyer l’invitation une fois la cause éliminée.",
		"Veuillez les prévenir autrement, par exemple par téléphone, ou renvoyer la mise à jour une fois la cause éliminée.",
		"Veuillez les prévenir autrement, par exemple par téléphone, ou renvoyer l’annulation une fois la cause éliminée.",
		"Veuillez répondre autrement, par exemple par téléphone.",
		"Veuillez faire la proposition autrement, par exemple par téléphone."),
	unknownYet: byKind(
		"Le message concerne une réunion. Les destinataires ci-dessus ne l’ont pas encore reçu.",
		"Le message est une invitation à une réunion. Les destinataires ci-dessus ne sont pas encore au courant de la réunion.",
		"Le message modifie une réunion. Les destinataires ci-dessus ne sont pas encore au courant de la modification\u00a0; leurs calendriers montrent encore la réunion telle qu’elle était.",
		"Le message annule une réunion. Les destinataires ci-dessus ne sont pas encore au courant de l’annulation\u00a0; leurs calendriers montrent encore la réunion.",
		"Le message est votre réponse à une invitation. L’organisateur ne l’a pas encore reçue.",
		"Le message propose un autre horaire pour une réunion. L’organisateur n’a pas encore reçu la proposition."),
	wait:   "Il n’y a rien à faire pour l’instant\u00a0: vous serez averti(e) si la remise échoue.",
	near:   "La réunion commencera peut-être avant l’arrivée du message. Veuillez les prévenir autrement, par exemple par téléphone.",
	ifSoon: "Si la réunion commence bientôt, veuillez les prévenir autrement, par exemple par téléphone. Sinon, il n’y a rien à faire pour l’instant.",

	full:   "Votre message est joint.",
	header: "L’en-tête de votre message est joint.",
}
