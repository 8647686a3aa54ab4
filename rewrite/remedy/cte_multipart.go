package remedy

// cteMultipart drops the transfer encoding of a multipart whose parts can be
// read as they are (RFC 2045 §6.4 allows none but 7bit, 8bit and binary).
func cteMultipart() *Remedy {
	return &Remedy{
		ID:       "cte-multipart",
		Summary:  "remove Content-Transfer-Encoding base64 or quoted-printable from a multipart that is not encoded",
		Why:      "Old PHPMailer versions declare a multipart as base64 when only its parts are encoded. Strict receivers decode it and find nothing; Exchange keeps it as an attachment.",
		Source:   "PHPMailer issue 175; RFC 2045 §6.4",
		Profiles: []Profile{Standard},
		Stage:    Structure,
		Run: func(c *Object) {
			if inv, _ := c.Shape.invitation(); inv == nil {
				return
			}
			c.Shape.walk(func(n, _ *Node) {
				if len(n.Children) == 0 || n.Encoding != "base64" && n.Encoding != "quoted-printable" {
					return
				}
				if c.Found(messageFound(Warning, "Content-Transfer-Encoding", n.Encoding, "")) {
					n.Encoding, n.Touched = "", true
					n.Drop = append(n.Drop, "content-transfer-encoding")
				}
			})
		},
	}
}
