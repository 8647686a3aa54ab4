package config

import "github.com/reconvene/reconvene/rewrite/remedy"

// Direction is the direction of the mail that a listener receives.
type Direction string

const (
	Outbound Direction = "outbound" // leaving Exchange
	Inbound  Direction = "inbound"  // on its way to Exchange
)

// Handoff defines which reply to a message a client gets.
type Handoff string

const (
	HandoffProxy Handoff = "proxy" // the reply of the next hop; nothing is stored
	HandoffQueue Handoff = "queue" // 250 when the message is stored; it is sent later
)

// QueueEngine defines where the queue keeps messages.
type QueueEngine string

const (
	QueueDirectory QueueEngine = "directory" // a folder of this relay
	QueueNATS      QueueEngine = "nats"      // NATS JetStream, for all relays of the cluster
)

// BareNewlines defines what is done with a bare CR, a bare LF and NUL in a body for
// a next hop without CHUNKING.
type BareNewlines string

const (
	RefuseNewlines  BareNewlines = "refuse"
	ConvertNewlines BareNewlines = "convert"
)

// ListenerTLSMode defines when a listener uses TLS.
type ListenerTLSMode string

const (
	ListenerTLSOff      ListenerTLSMode = "off"
	ListenerTLSOptional ListenerTLSMode = "optional" // STARTTLS is offered
	ListenerTLSRequired ListenerTLSMode = "required" // nothing is accepted before STARTTLS
	ListenerTLSImplicit ListenerTLSMode = "implicit" // from the first octet on (RFC 8314 §3)
)

// TLSVersion is the lowest version of TLS that a listener accepts.
type TLSVersion string

const (
	TLS10 TLSVersion = "1.0"
	TLS11 TLSVersion = "1.1"
	TLS12 TLSVersion = "1.2"
	TLS13 TLSVersion = "1.3"
)

// TLSPolicy is a way in which a domain announces how its mail exchangers are to be
// reached.
type TLSPolicy string

// The values of TLSPolicy.
const (
	PolicyDANE TLSPolicy = "dane"    // TLSA records (RFC 7672)
	PolicySTS  TLSPolicy = "mta-sts" // RFC 8461
)

// ViaMX is the entry of via that stands for the mail exchangers of the recipient's own
// domain.
const ViaMX = "mx"

// RouteTLS defines how the connection to a next hop is protected.
type RouteTLS string

const (
	RouteTLSOff           RouteTLS = "off"
	RouteTLSOpportunistic RouteTLS = "opportunistic" // where the next hop offers it
	RouteTLSRequired      RouteTLS = "required"      // with any certificate
	RouteTLSVerify        RouteTLS = "verify"        // with a certificate for the name of the host
	RouteTLSImplicit      RouteTLS = "implicit"      // from the first octet on, verified
)

// Mechanism is the SASL mechanism for a next hop (RFC 4954).
type Mechanism string

const (
	MechanismAuto    Mechanism = "auto"
	MechanismPlain   Mechanism = "plain"
	MechanismLogin   Mechanism = "login"
	MechanismCRAMMD5 Mechanism = "cram-md5"
	MechanismXOAUTH2 Mechanism = "xoauth2"
)

// ViaPolicy defines in which order the hosts of a route are tried.
type ViaPolicy string

const (
	ViaOrder ViaPolicy = "order"
	ViaShare ViaPolicy = "share"
)

// PoolReuse defines whose messages an idle connection may carry.
type PoolReuse string

const (
	ReuseClient PoolReuse = "client"
	ReuseAny    PoolReuse = "any"
)

// Profile is the profile of a route: that of a receiving system, or ProfileAuto.
type Profile string

// ProfileAuto uses what is known of the receiver.
const ProfileAuto Profile = "auto"

// profiles are all values of Profile.
func profiles() []Profile {
	all := []Profile{ProfileAuto}
	for _, p := range remedy.Profiles() {
		all = append(all, Profile(p))
	}
	return all
}

// RewriteMode defines whether meetings are repaired.
type RewriteMode string

const (
	RewriteFix     RewriteMode = "fix"
	RewriteObserve RewriteMode = "observe" // findings only
	RewriteOff     RewriteMode = "off"
)

// TNEF defines what is done with a winmail.dat.
type TNEF string

const (
	TNEFMeetings TNEF = "meetings"
	TNEFAll      TNEF = "all"
	TNEFOff      TNEF = "off"
)

// DKIM defines what is done with a meeting message that has a DKIM signature.
type DKIM string

const (
	DKIMVerify DKIM = "verify" // inbound: repaired after a verification
	DKIMKeep   DKIM = "keep"   // left alone
	DKIMIgnore DKIM = "ignore" // repaired
)

// Foreign defines what is done with a message that was signed before it was received.
type Foreign string

const (
	ForeignSkip   Foreign = "skip"   // it is not changed, and gets no second signature of the same domain
	ForeignResign Foreign = "resign" // it may be changed, and is signed
)

// OnRefuse defines what is done when a next hop refuses the content.
type OnRefuse string

const (
	RefuseFallback OnRefuse = "fallback" // a simpler form of the meeting is tried
	RefuseReturn   OnRefuse = "return"
)

// LogFormat is the form of a log line.
type LogFormat string

const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// LogLevel is the lowest level that is logged.
type LogLevel string

const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// AddressStyle defines how the ledger stores addresses.
type AddressStyle string

const (
	PlainAddresses  AddressStyle = "plain"
	HashedAddresses AddressStyle = "hashed"
)
