package remedy

import (
	"fmt"
	"html"
	"strings"

	tokens "golang.org/x/net/html"
)

// maxPage bounds a page of HTML that is written anew, in octets.
const maxPage = 1 << 20

// htmlParagraph writes lines as a paragraph in ASCII, on one line.
func htmlParagraph(text string) string {
	var b strings.Builder
	b.WriteString("<p>")
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i > 0 {
			b.WriteString("<br>")
		}
		for _, r := range html.EscapeString(strings.TrimSpace(line)) {
			if r < 0x80 {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "&#%d;", r)
			}
		}
	}
	b.WriteString("</p>")
	return b.String()
}

// htmlBody returns where in a page the first thing stands that is shown: after
// the tag of the body. A page without one begins after its head, or where it
// begins. It looks at octets: in no charset that ASCII is part of does a
// character of several octets have a "<" in it.
func htmlBody(page string) int {
	at, best := 0, 0
	z := tokens.NewTokenizer(strings.NewReader(page))
	for kind := z.Next(); kind != tokens.ErrorToken; kind = z.Next() {
		at += len(z.Raw())
		name, _ := z.TagName()
		switch {
		case kind == tokens.StartTagToken && string(name) == "body":
			return at
		case kind == tokens.DoctypeToken,
			kind == tokens.StartTagToken && string(name) == "html",
			kind == tokens.EndTagToken && string(name) == "head":
			best = at
		}
	}
	return best
}
