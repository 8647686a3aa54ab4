package remedy

import (
	"strings"
	"testing"
)

// multi and leaf build the structure of a mail.
func multi(kind string, children ...*Node) *Node {
	return &Node{MediaType: "multipart/" + kind, Children: children}
}

func leaf(mediaType string) *Node {
	n := &Node{MediaType: mediaType}
	if mediaType == "text/plain" {
		n.Read = func() string { return "a < b" }
	}
	return n
}

func plainText() *Node { return leaf("text/plain") }
func htmlText() *Node  { return leaf("text/html") }
func picture() *Node   { return leaf("image/png") }
func meeting() *Node   { return &Node{MediaType: "text/calendar", Method: "REQUEST"} }
func file() *Node {
	return &Node{MediaType: "application/pdf", Disposition: "attachment", Filename: "a.pdf"}
}
func winmail() *Node { return leaf("application/ms-tnef") }
func winmailWith(alone string) *Node {
	n := winmail()
	n.Alone = func() string { return alone }
	return n
}
func winmailThat(isDamaged bool) *Node {
	n := winmail()
	n.Damaged = func() bool { return isDamaged }
	return n
}
func withEncoding(n *Node) *Node {
	n.Encoding = "base64"
	return n
}
func emptied() *Node {
	n := file()
	n.Empty = true
	return n
}

// TestStructure runs the remedies of stage Structure, and each a second time.
func TestStructure(t *testing.T) {
	tests := []struct {
		name, id string
		in       *Node
		want     string // "" means that nothing may change
		found    int
	}{
		{"html behind", "alternative-order", multi("alternative", plainText(), meeting(), htmlText()), "alternative{plain, html, calendar}", 1},
		{"pictures behind", "alternative-order", multi("alternative", meeting(), multi("related", htmlText(), picture())), "alternative{related{html, image/png}, calendar}", 1},
		{"last", "alternative-order", multi("alternative", plainText(), htmlText(), meeting()), "", 0},
		{"mixed", "alternative-order", multi("mixed", meeting(), plainText()), "", 0},
		{"two invitations", "alternative-order", multi("alternative", meeting(), meeting(), plainText()), "", 0},
		{"on top", "related-nested", multi("related", htmlText(), picture(), meeting()), "alternative{related{html, image/png}, calendar}", 1},
		{"in alternative", "related-nested", multi("alternative", plainText(), multi("related", htmlText(), meeting())), "alternative{plain, related{html}, calendar}", 1},
		{"in mixed", "related-nested", multi("mixed", multi("related", htmlText(), meeting()), file()), "mixed{alternative{related{html}, calendar}, pdf}", 1},
		{"its own root", "related-nested", multi("related", meeting(), picture()), "", 1},
		{"around alternatives", "related-exchange", multi("related", multi("alternative", plainText(), meeting()), picture()), "mixed{alternative{plain, calendar}, image/png}", 1},
		{"not the first", "related-exchange", multi("related", htmlText(), multi("alternative", plainText(), meeting())), "", 0},
		{"damaged", "tnef-corrupt", multi("mixed", multi("alternative", plainText(), meeting()), winmailThat(true)), "mixed{alternative{plain, calendar}}", 1},
		{"whole", "tnef-corrupt", multi("mixed", multi("alternative", plainText(), meeting()), winmailThat(false)), "", 0},
		{"nothing else", "tnef-corrupt", multi("mixed", winmailThat(true)), "", 0},
		{"text beside", "mixed-not-alternative", multi("mixed", plainText(), meeting(), file()), "mixed{alternative{plain, calendar}, pdf}", 1},
		{"texts beside", "mixed-not-alternative", multi("mixed", plainText(), htmlText(), file(), meeting()), "mixed{alternative{plain, html, calendar}, pdf}", 1},
		{"alternatives beside", "mixed-not-alternative", multi("mixed", multi("alternative", plainText(), htmlText()), meeting()), "mixed{alternative{plain, html, calendar}}", 1},
		{"no text", "mixed-not-alternative", multi("mixed", file(), meeting()), "", 0},
		{"no html", "html-missing", multi("alternative", plainText(), meeting()), "alternative{plain, html, calendar}", 1},
		{"html", "html-missing", multi("alternative", plainText(), htmlText(), meeting()), "", 0},
		{"html with pictures", "html-missing", multi("alternative", plainText(), multi("related", htmlText()), meeting()), "", 0},
		{"alone", "cal-only", meeting(), "alternative{plain, calendar}", 1},
		{"with a text", "cal-only", multi("alternative", plainText(), meeting()), "", 0},
		{"tnef", "tnef-plus-ics", multi("mixed", plainText(), meeting(), winmail()), "mixed{plain, calendar}", 1},
		{"tnef with a file", "tnef-plus-ics", multi("mixed", plainText(), meeting(), winmailWith("the file plan.pdf")), "", 1},
		{"tnef with nothing of its own", "tnef-plus-ics", multi("mixed", plainText(), meeting(), winmailWith("")), "mixed{plain, calendar}", 1},
		{"tnef without a calendar", "tnef-plus-ics", multi("mixed", plainText(), winmail()), "", 0},
		{"emptied", "empty-part", multi("mixed", meeting(), emptied()), "mixed{calendar}", 1},
		{"full", "empty-part", multi("mixed", meeting(), file()), "", 0},
		{"footer", "footer-structure", multi("mixed", multi("alternative", plainText(), meeting()), plainText()), "", 1},
		{"attachment", "footer-structure", multi("mixed", multi("alternative", plainText(), meeting()), file()), "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.id+"/"+tt.name, func(t *testing.T) {
			before := tt.in.outline()
			if tt.want == "" {
				tt.want = before
			}
			r := Find(tt.id)
			c := &Object{Shape: &Shape{Root: tt.in}, Mail: Mail{Subject: "Fair"}, Allow: func(*Remedy) bool { return true }}
			c.Do(r)
			if got := c.Shape.Root.outline(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if len(c.Findings()) != tt.found || (len(c.Applied()) > 0) != (tt.want != before) {
				t.Errorf("findings %+v", c.Findings())
			}
			again := &Object{Shape: c.Shape, Allow: c.Allow}
			if again.Do(r); len(again.Applied()) > 0 {
				t.Errorf("not idempotent: %s", again.Shape.Root.outline())
			}
		})
	}
}

func TestAddedHTMLIsEscaped(t *testing.T) {
	c := &Object{Shape: &Shape{Root: multi("alternative", plainText(), meeting())}, Allow: func(*Remedy) bool { return true }}
	c.Do(Find("html-missing"))
	if got := c.Shape.Root.Children[1].Added; !strings.Contains(got, "a &lt; b") {
		t.Errorf("added %q", got)
	}
}

func TestHeaderOfTheMail(t *testing.T) {
	c := &Object{Shape: &Shape{Root: withEncoding(multi("alternative", plainText(), meeting()))}, Allow: func(*Remedy) bool { return true }}
	c.Do(Find("cte-multipart"))
	c.Do(Find("content-class"))
	if root := c.Shape.Root; len(root.Drop) != 1 || c.Shape.Class != calendarClass || len(c.Applied()) != 2 {
		t.Errorf("%+v, class %q", root, c.Shape.Class)
	}
	again := &Object{Shape: c.Shape, Allow: c.Allow}
	again.Do(Find("cte-multipart"))
	again.Do(Find("content-class"))
	if len(again.Applied()) > 0 {
		t.Errorf("applied again: %v", again.Applied())
	}
}
