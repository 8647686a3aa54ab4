package dkim

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// A record is good only if receivers use it for our signatures (RFC 6376 §3.6.1).
func TestCheckRecord(t *testing.T) {
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)).Public()
	record, err := Record(public)
	if err != nil {
		t.Fatal(err)
	}
	_, key, _ := strings.Cut(record, "; ")
	for record, want := range map[string]string{
		record:       "",
		key:          "",
		record + ";": "",
		strings.Replace(record, "; p=", " ;\tn=note; t=s; s=tlsrpt : email; h=sha1:sha256; x=y; p= ", 1): "",
		"v=DKIM1.0; " + key:                           "version",
		"v=; " + key:                                  "version",
		key + "; v=DKIM1":                             "beginning",
		record + "; k=ed25519":                        "twice",
		record + "; h=sha1":                           "sha256",
		record + "; h=":                               "sha256",
		record + "; s=tlsrpt":                         "not for mail",
		record + "; t=s:y":                            "only tests",
		"v=DKIM1; k=ed25519; p=":                      "revoked",
		"v=DKIM1; k=ed25519":                          "revoked",
		strings.TrimRight(record, "="):                "not base64",
		strings.Replace(record, "k=ed25519; ", "", 1): "of kind rsa",
	} {
		switch err := CheckRecord([]string{record}, public); {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", record, err, want)
		}
	}
}

// The key of RFC 8463, appendix A.2.
func TestRecordOfRFC8463(t *testing.T) {
	seed, _ := base64.StdEncoding.DecodeString("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
	got, err := Record(ed25519.NewKeyFromSeed(seed).Public())
	if want := "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="; err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
}

// Hashes of bodies from RFC 6376 §3.4.4 and §3.4.5 and RFC 8463 appendix A.3, and what a
// signature must not have (RFC 6376 §3.5, §8.2).
func TestBodyHashes(t *testing.T) {
	keys, _ := testKeys(t)
	for body, want := range map[string]string{
		"":                          "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"\r\n\r\n":                  "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		" \t\r\n \r\n":              "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		" C \r\nD \t E\r\n\r\n\r\n": bodyHash(" C\r\nD E\r\n"),
		" C \r\nD \t E \t":          bodyHash(" C\r\nD E\r\n"),
		"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n": "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=",
	} {
		fields, err := Sign(pieces{head + "\r\n" + body, 7}, keys)
		if err != nil || strings.Count(fields, "bh="+want+";") != len(keys) {
			t.Errorf("%q: %v\n%s\nwant %s", body, err, fields, want)
		}
		for _, tag := range []string{" l=", " x=", " i=", " z=", "sha1", "DKIM-Signature:DKIM", "Received"} {
			if strings.Contains(fields, tag) {
				t.Errorf("%q is in %s", tag, fields)
			}
		}
		for line := range strings.Lines(fields) {
			if len(line) > 998 {
				t.Errorf("a line of %d octets", len(line))
			}
		}
	}
}

// bodyHash is the hash of a body that is canonical already.
func bodyHash(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return base64.StdEncoding.EncodeToString(sum[:])
}
