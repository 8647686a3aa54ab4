package notice

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var all = []Language{English, German, French, Spanish, Dutch}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.March, day, hour, minute, 0, 0, time.UTC)
}

func TestTimes(t *testing.T) {
	for name, c := range map[string]struct {
		time Time
		want [5]string // by Language
	}{
		"an hour": {Time{Start: at(19, 14, 0), End: at(19, 15, 30), Zone: "Europe/Paris", Offset: "UTC+01:00"}, [5]string{
			"Thursday, March 19, 2026, 2:00 PM to 3:30 PM (Europe/Paris, UTC+01:00)",
			"Donnerstag, 19. März 2026, 14:00 bis 15:30 Uhr (Europe/Paris, UTC+01:00)",
			"jeudi 19 mars 2026, de 14 h 00 à 15 h 30 (Europe/Paris, UTC+01:00)",
			"jueves, 19 de marzo de 2026, de 14:00 a 15:30 (Europe/Paris, UTC+01:00)",
			"donderdag 19 maart 2026, van 14.00 tot 15.30 uur (Europe/Paris, UTC+01:00)"}},
		"no end": {Time{Start: at(1, 9, 5), Zone: "UTC"}, [5]string{
			"Sunday, March 1, 2026, 9:05 AM (UTC)",
			"Sonntag, 1. März 2026, 09:05 Uhr (UTC)",
			"dimanche 1er mars 2026, à 09 h 05 (UTC)",
			"domingo, 1 de marzo de 2026, a las 09:05 (UTC)",
			"zondag 1 maart 2026, om 09.05 uur (UTC)"}},
		"overnight": {Time{Start: at(20, 22, 0), End: at(21, 1, 0)}, [5]string{
			"Friday, March 20, 2026, 10:00 PM to Saturday, March 21, 2026, 1:00 AM (local time)",
			"Freitag, 20. März 2026, 22:00 Uhr bis Samstag, 21. März 2026, 01:00 Uhr (Ortszeit)",
			"du vendredi 20 mars 2026, à 22 h 00 au samedi 21 mars 2026, à 01 h 00 (heure locale)",
			"desde el viernes, 20 de marzo de 2026, a las 22:00 hasta el sábado, 21 de marzo de 2026, a las 01:00 (hora local)",
			"van vrijdag 20 maart 2026, om 22.00 uur tot zaterdag 21 maart 2026, om 01.00 uur (lokale tijd)"}},
		"a day": {Time{Start: at(23, 0, 0), Days: true}, [5]string{
			"Monday, March 23, 2026, all day",
			"Montag, 23. März 2026, ganztägig",
			"lundi 23 mars 2026, toute la journée",
			"lunes, 23 de marzo de 2026, todo el día",
			"maandag 23 maart 2026, hele dag"}},
		"days": {Time{Start: at(24, 0, 0), End: at(25, 0, 0), Days: true}, [5]string{
			"Tuesday, March 24, 2026 to Wednesday, March 25, 2026, all day",
			"Dienstag, 24. März 2026 bis Mittwoch, 25. März 2026, ganztägig",
			"du mardi 24 mars 2026 au mercredi 25 mars 2026, toute la journée",
			"desde el martes, 24 de marzo de 2026 hasta el miércoles, 25 de marzo de 2026, todo el día",
			"van dinsdag 24 maart 2026 tot woensdag 25 maart 2026, hele dag"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, l := range all {
				want := c.want[l]
				if l == French { // an hour stays on its line
					want = strings.NewReplacer(" h ", "\u00a0h\u00a0").Replace(want)
				}
				if got := l.words().time(c.time); got != want {
					t.Errorf("%v: %q\nwant %q", l, got, want)
				}
			}
		})
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		signs Signs
		want  Language
	}{
		{Signs{}, English},
		{Signs{Tags: []string{"de-AT"}, Text: "the and of to"}, German},
		{Signs{Tags: []string{"pt-BR", " nl "}}, Dutch},
		{Signs{Tags: []string{"ja"}}, English},
		{Signs{Subject: "Annulé : Réunion"}, French},
		{Signs{Subject: "Abgesagt: Budget"}, German},
		{Signs{Subject: "Cancelado: Budget"}, Spanish},
		{Signs{Subject: "Geannuleerd: Budget"}, Dutch},
		{Signs{Subject: "Canceled: Besprechung und das ist nicht gut für uns"}, English},
		{Signs{Text: "Bitte bringen Sie die Zahlen mit, wir sprechen über das Budget."}, German},
		{Signs{Text: "Merci d’apporter les chiffres, nous parlerons du budget."}, French},
		{Signs{Text: "Por favor, traiga las cifras para la reunión."}, Spanish},
		{Signs{Text: "Neem graag de cijfers mee, wij bespreken het budget."}, Dutch},
		{Signs{Text: "Please bring the numbers."}, English},
		{Signs{Text: "Budget und Zahlen"}, English}, // one word decides nothing
		{Signs{Text: strings.Repeat("ß", maxRead)}, English},
	} {
		if got := Detect(c.signs); got != c.want {
			t.Errorf("%+v: %v, want %v", c.signs, got, c.want)
		}
	}
}

// Each language has each sentence, and no placeholder is left or missing.
func TestWordsAreComplete(t *testing.T) {
	host := Person{"Jürgen Weiß", "jw@contoso.example"}
	for _, l := range all {
		for kind := Other; kind <= Counter; kind++ {
			for _, one := range []bool{false, true} {
				f := Facts{Kind: kind, OneDate: one, Summary: "Budget", Where: "Room 12", Host: host, File: "meeting.ics", Original: "Hello",
					When: []Time{{Start: at(19, 14, 0), Zone: "UTC"}}, Affected: &Time{Start: at(18, 14, 0), Zone: "UTC"},
					Dates: []Time{{Start: at(19, 14, 0)}}, More: true}
				text := f.Text(l)
				if strings.Contains(text, "%") || strings.Contains(text, "  \n") || strings.HasPrefix(text, " ") {
					t.Errorf("%v, kind %d:\n%s", l, kind, text)
				}
				for _, word := range []string{"Budget", "Room 12", "jw@contoso.example", "meeting.ics", "Hello", "2026"} {
					if !strings.Contains(text, word) {
						t.Errorf("%v, kind %d: no %q in\n%s", l, kind, word, text)
					}
				}
				for line := range strings.Lines(text) {
					if utf8.RuneCountInString(line) > 120 {
						t.Errorf("%v: a long line: %q", l, line)
					}
				}
			}
		}
		if l.words().happened[Update] == l.words().oneDate[Update] {
			t.Errorf("%v: one date reads like all", l)
		}
	}
}

// What a stranger chose stays on its line and in its direction.
func TestHostileText(t *testing.T) {
	bad := "a\r\nSubject: forged\x00\x1b[31m\u202egnp\u2028x\xff"
	f := Facts{Kind: Invitation, Summary: bad, Where: bad, Host: Person{bad, bad}, Original: "x\n--b1--\n-- \nAnna\n" + strings.Repeat("y", 2*maxOriginal)}
	for _, l := range all {
		text := f.Text(l)
		if strings.ContainsAny(text, "\r\x00\x1b\u202e\u2028") || !utf8.ValidString(text) || strings.Contains(text, "\n--") {
			t.Errorf("%v: %q", l, text[:600])
		}
		if len(text) > maxOriginal+4*maxLine+2000 {
			t.Errorf("%v: %d octets", l, len(text))
		}
	}
}

func TestPrefixKind(t *testing.T) {
	for subject, want := range map[string]Kind{
		"Updated: x": Update, "Aktualisiert: x": Update, "Abgesagt: x": Cancellation, "Annulé : x": Cancellation,
		"Aceptado: x": Accepted, "Uitnodiging: x": Invitation, "x: y": Other, "x": Other, "": Other,
	} {
		if got := PrefixKind(subject); got != want {
			t.Errorf("%q: %d, want %d", subject, got, want)
		}
	}
}
