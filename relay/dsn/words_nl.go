package dsn

var dutch = words{
	subject: map[Action]string{Failed: "Niet bezorgd: %s", Delayed: "Vertraagd: %s", Delivered: "Bezorgd: %s", Relayed: "Doorgestuurd: %s"},

	untitled:     "uw bericht",
	automatic:    "Dit is een automatisch bericht van de mailserver %s over een bericht dat u hebt verzonden:",
	subjectLabel: "Onderwerp:",
	arrived:      "Hier ontvangen:",

	happened: map[Action]string{
		Failed:    "Het kon niet worden bezorgd bij de volgende ontvangers en er wordt geen nieuwe poging gedaan:",
		Expired:   "Het kon niet binnen de toegestane tijd worden bezorgd bij de volgende ontvangers en er wordt geen nieuwe poging gedaan:",
		Delayed:   "Het is nog niet bezorgd bij de volgende ontvangers:",
		Delivered: "Het is bezorgd bij de mailsystemen van de volgende ontvangers. Of zij het hebben gelezen, is niet bekend:",
		Relayed: "Het is voor de volgende ontvangers doorgestuurd naar een mailserver die de bezorging niet bevestigt. " +
			"U krijgt alleen weer bericht als het niet kan worden bezorgd:",
	},
	until:   "De mailserver blijft het proberen tot dit tijdstip: %s. U hoeft het bericht niet opnieuw te verzenden.",
	replied: "Antwoord van de mailserver %s:",
	reason:  "Reden:",
	by:      "Geaccepteerd door de mailserver %s.",
	meaning: [...]string{
		noAddress:   "Het adres bestaat daar niet. Controleer de spelling.",
		noDomain:    "Het deel van het adres na de @ bestaat niet of accepteert geen mail. Controleer de spelling.",
		mailboxFull: "De mailbox van de ontvanger is vol.",
		tooLarge:    "Het bericht is te groot voor de ontvanger. Verzend het zonder bijlagen of in delen.",
		noContent:   "Het mailsysteem van de ontvanger kan de inhoud van het bericht niet verwerken.",
		notAllowed:  "Het mailsysteem van de ontvanger staat dit bericht niet toe. De beheerder ervan kan zeggen waarom.",
		unreachable: "Het mailsysteem van de ontvanger was niet bereikbaar.",
	},

	oneDate: "Het gaat alleen om deze datum van een terugkerende vergadering; de andere data blijven ongewijzigd.",
	unknown: byKind(
		"Het bericht gaat over een vergadering. De bovenstaande ontvangers hebben het niet ontvangen; hun agenda's zijn mogelijk niet actueel.",
		"Het bericht is een uitnodiging voor een vergadering. De bovenstaande ontvangers hebben die niet ontvangen en weten niets van de vergadering.",
		"Het bericht wijzigt een vergadering. De bovenstaande ontvangers weten niets van de wijziging; hun agenda's tonen de vergadering nog zoals die eerder was.",
		"Het bericht annuleert een vergadering. De bovenstaande ontvangers weten niet dat die is geannuleerd; hun agenda's tonen de vergadering nog, en mogelijk komen zij.",
		"Het bericht is uw antwoord op een uitnodiging. De organisator heeft het niet ontvangen en wacht mogelijk nog op uw antwoord.",
		"Het bericht stelt een ander tijdstip voor een vergadering voor. De organisator heeft het voorstel niet ontvangen."),
	act: byKind(
		"Informeer hen op een andere manier, bijvoorbeeld telefonisch.",
		"Nodig hen op een andere manier uit, bijvoorbeeld telefonisch, of verzend de uitnodiging opnieuw zodra de oorzaak is verholpen.",
		"Informeer hen op een andere manier, bijvoorbeeld telefonisch, of verzend de wijziging opnieuw zodra de oorzaak is verholpen.",
		"Informeer hen op een andere manier, bijvoorbeeld telefonisch, of verzend de annulering opnieuw zodra de oorzaak is verholpen.",
		"Antwoord op een andere manier, bijvoorbeeld telefonisch.",
		"Doe het voorstel op een andere manier, bijvoorbeeld telefonisch."),
	unknownYet: byKind(
		"Het bericht gaat over een vergadering. De bovenstaande ontvangers hebben het nog niet ontvangen.",
		"Het bericht is een uitnodiging voor een vergadering. De bovenstaande ontvangers weten nog niets van de vergadering.",
		"Het bericht wijzigt een vergadering. De bovenstaande ontvangers weten nog niets van de wijziging; hun agenda's tonen de vergadering nog zoals die eerder was.",
		"Het bericht annuleert een vergadering. De bovenstaande ontvangers weten nog niet dat die is geannuleerd; hun agenda's tonen de vergadering nog.",
		"Het bericht is uw antwoord op een uitnodiging. De organisator heeft het nog niet ontvangen.",
		"Het bericht stelt een ander tijdstip voor een vergadering voor. De organisator heeft het voorstel nog niet ontvangen."),
	wait:   "U hoeft nu niets te doen: u krijgt bericht als de bezorging mislukt.",
	near:   "De vergadering begint mogelijk voordat het bericht aankomt. Informeer hen op een andere manier, bijvoorbeeld telefonisch.",
	ifSoon: "Als de vergadering binnenkort begint, informeer hen dan op een andere manier, bijvoorbeeld telefonisch. Anders hoeft u nu niets te doen.",

	full:   "Uw bericht is bijgevoegd.",
	header: "De kop van uw bericht is bijgevoegd.",
}
