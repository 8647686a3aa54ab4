package smtptest

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// auth logs a client on by PLAIN, LOGIN, CRAM-MD5 or XOAUTH2; users has user and password
// or token.
func (s *Session) auth(arg string) bool {
	mechanism, initial, _ := strings.Cut(arg, " ")
	var user, secret string
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		fields := strings.Split(s.response(initial, ""), "\x00")
		if len(fields) == 3 {
			user, secret = fields[1], fields[2]
		}
	case "LOGIN":
		user = s.response(initial, "VXNlcm5hbWU6")
		secret = s.response("", "UGFzc3dvcmQ6")
	case "XOAUTH2":
		user, secret, _ = strings.Cut(s.response(initial, ""), "\x01auth=Bearer ")
		user, secret = strings.TrimPrefix(user, "user="), strings.TrimRight(secret, "\x01")
	case "CRAM-MD5":
		const challenge = "<1896.697170952@hop.test>"
		name, digest, _ := strings.Cut(s.response("", base64.StdEncoding.EncodeToString([]byte(challenge))), " ")
		mac := hmac.New(md5.New, []byte(s.Users[name]))
		mac.Write([]byte(challenge))
		if user = name; hex.EncodeToString(mac.Sum(nil)) == digest {
			secret = s.Users[name]
		}
	default:
		return s.Say("504 5.5.4 unknown mechanism")
	}
	if want, ok := s.Users[user]; !ok || want != secret {
		if strings.EqualFold(mechanism, "XOAUTH2") {
			s.response("", base64.StdEncoding.EncodeToString([]byte(`{"status":"400"}`)))
		}
		return s.Say("535 5.7.8 refused, you said " + initial + " that is " + secret)
	}
	s.user = user
	return s.Say("235 2.7.0 welcome")
}

// response is the client's answer to a challenge, or the initial one.
func (s *Session) response(initial, challenge string) string {
	if initial == "" {
		if !s.Say("334 " + challenge) {
			return ""
		}
		line, err := s.Reader.ReadString('\n')
		if err != nil {
			return ""
		}
		initial = strings.TrimRight(line, "\r\n")
	}
	octets, err := base64.StdEncoding.DecodeString(initial)
	if err != nil {
		return ""
	}
	return string(octets)
}
