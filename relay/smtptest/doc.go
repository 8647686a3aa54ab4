// Package smtptest has the other side of a conversation for tests: Peer, a scripted SMTP
// server on a real socket or in memory, Network, a network in memory, and CA, a certificate
// authority of the test's own. Only tests import it.
package smtptest
