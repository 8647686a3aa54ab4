// Package smtptest has the other side of SMTP conversations for tests: Peer, a
// scripted SMTP server on a real socket or in memory; Network, a network in memory;
// and CA, a certificate authority. Only tests import it.
package smtptest
