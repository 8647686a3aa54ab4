package config

import (
	"net/netip"
	"time"
)

// Config is the whole configuration. It is immutable once loaded.
type Config struct {
	Hostname  string     `mapstructure:"hostname"`
	Listeners []Listener `mapstructure:"listener"`
	Routes    []Route    `mapstructure:"route"`
	DKIM      []Signing  `mapstructure:"dkim"`
	Rewrite   Rewrite    `mapstructure:"rewrite"`
	NextHop   NextHop    `mapstructure:"nexthop"`
	DNS       DNS        `mapstructure:"dns"`
	Reports   TLSReports `mapstructure:"tls_reports"`
	Limits    Limits     `mapstructure:"limits"`
	Log       Log        `mapstructure:"log"`
	State     State      `mapstructure:"state"`
	Ledger    Ledger     `mapstructure:"ledger"`
	Queue     Queue      `mapstructure:"queue"`
	Cluster   Cluster    `mapstructure:"cluster"`
	Admin     Admin      `mapstructure:"admin"`
}

// Size is a number of octets; in the file it needs a unit: "50MB", "512KiB".
type Size int64

// Listener is one address that we accept mail on.
type Listener struct {
	Name         string         `mapstructure:"name"`
	Address      string         `mapstructure:"address"` // host:port; IPv4, IPv6 or a name
	Direction    Direction      `mapstructure:"direction"`
	Handoff      Handoff        `mapstructure:"handoff"`     // proxy | queue
	Allow        []netip.Prefix `mapstructure:"allow"`       // may relay without authentication; default loopback
	ClientCA     string         `mapstructure:"client_ca"`   // authorities for certificates of clients; "system": the system's
	AllowNames   []string       `mapstructure:"allow_names"` // may relay with a certificate for one of these names
	MaxSize      Size           `mapstructure:"max_size"`
	Hide         []string       `mapstructure:"hide_extensions"` // EHLO keywords that are not offered to the client
	OpenRelay    bool           `mapstructure:"open_relay"`      // Allow may hold the whole internet
	BareNewlines BareNewlines   `mapstructure:"bare_newlines"`   // refuse | convert, towards a next hop without CHUNKING
	TLS          ListenerTLS    `mapstructure:"tls"`
	Auth         ListenerAuth   `mapstructure:"auth"`
}

// ListenerTLS is the TLS configuration of a listener.
type ListenerTLS struct {
	Mode ListenerTLSMode `mapstructure:"mode"` // off | optional | required | implicit
	Cert string          `mapstructure:"cert"`
	Key  string          `mapstructure:"key"`

	CertPasswordFile string `mapstructure:"cert_password_file"` // of a PFX file

	MinVersion TLSVersion `mapstructure:"min_version"` // "1.0", "1.1", "1.2" (default) or "1.3"
}

// ListenerAuth lets clients outside of Allow relay after AUTH.
type ListenerAuth struct {
	UsersFile     string `mapstructure:"users_file"`     // lines user:hash, hash by bcrypt (htpasswd -B)
	AllowInsecure bool   `mapstructure:"allow_insecure"` // offer AUTH without TLS
}

// Route defines where mail for some domains is sent. The first route that matches is
// used.
type Route struct {
	Domains   []string    `mapstructure:"domains"`    // "partner.example", "*.partner.example"; empty: everything else
	Via       []string    `mapstructure:"via"`        // host:port, mx:name, or mx
	TLS       RouteTLS    `mapstructure:"tls"`        // off | opportunistic | required | verify | implicit
	TLSPolicy []TLSPolicy `mapstructure:"tls_policy"` // dane, mta-sts
	CAFile    string      `mapstructure:"ca_file"`    // trusted roots for verify and implicit; empty: the system's
	Cert      string      `mapstructure:"cert"`       // shown to the next hop when it asks for one
	Key       string      `mapstructure:"key"`

	CertPasswordFile string `mapstructure:"cert_password_file"` // of a PFX file

	Profile Profile   `mapstructure:"profile"` // auto or a profile
	Auth    RouteAuth `mapstructure:"auth"`

	Fallback []string `mapstructure:"fallback"` // host:port, after the first attempt

	ViaPolicy      ViaPolicy `mapstructure:"via_policy"`      // order | share
	MaxConnections int       `mapstructure:"max_connections"` // to each host of via; 0: as in [nexthop]
}

// RouteAuth is the authentication at the next hop.
type RouteAuth struct {
	Mechanism    Mechanism `mapstructure:"mechanism"` // auto | plain | login | cram-md5 | xoauth2
	User         string    `mapstructure:"user"`
	PasswordFile string    `mapstructure:"password_file"`
	TokenFile    string    `mapstructure:"token_file"` // for xoauth2; read again for each logon
}

// Signing is a key with which outbound mail of a domain is signed (RFC 6376).
type Signing struct {
	Domain     string   `mapstructure:"domain"`     // of the author, and of the signature
	Subdomains bool     `mapstructure:"subdomains"` // sign for authors below it, too
	Selector   string   `mapstructure:"selector"`
	KeyFile    string   `mapstructure:"key_file"` // PEM: RSA or Ed25519
	Headers    []string `mapstructure:"headers"`  // fields to sign; empty: the usual ones
	Foreign    Foreign  `mapstructure:"foreign"`  // skip | resign
}

// Rewrite defines what is done with meeting messages.
type Rewrite struct {
	Mode     RewriteMode `mapstructure:"mode"` // fix | observe | off
	TNEF     TNEF        `mapstructure:"tnef"` // meetings | all | off
	Disable  []string    `mapstructure:"disable"`
	Enable   []string    `mapstructure:"enable"`    // opt-in remedies
	DKIM     DKIM        `mapstructure:"dkim"`      // verify | keep | ignore
	OnRefuse OnRefuse    `mapstructure:"on_refuse"` // fallback | return
	Refuse   []string    `mapstructure:"refuse"`    // diagnoses of a series for which an invitation goes back
	SkipFrom []string    `mapstructure:"skip_from"` // addresses or domains that are never touched
	Header   bool        `mapstructure:"header"`    // add X-Reconvene

	Timeout time.Duration `mapstructure:"timeout"` // for the work on one message, in sum
	Wait    time.Duration `mapstructure:"wait"`    // for the turn of a message
}

// NextHop has the timeouts and the number of connections for next hops. RFC 5321
// §4.5.3.2 has the longest useful timeouts.
type NextHop struct {
	ConnectTimeout  time.Duration `mapstructure:"connect_timeout"`
	GreetingTimeout time.Duration `mapstructure:"greeting_timeout"`
	CommandTimeout  time.Duration `mapstructure:"command_timeout"` // EHLO, STARTTLS, AUTH, MAIL, RCPT
	DataTimeout     time.Duration `mapstructure:"data_timeout"`    // for the reply to DATA
	BlockTimeout    time.Duration `mapstructure:"block_timeout"`   // for one block of a body
	FinalTimeout    time.Duration `mapstructure:"final_timeout"`   // for the reply to a whole message
	HostTimeout     time.Duration `mapstructure:"host_timeout"`    // for all up to the reply to MAIL, while another host is left
	TotalTimeout    time.Duration `mapstructure:"total_timeout"`   // that a client waits for one reply
	MaxConnections  int           `mapstructure:"max_connections"` // to each host; 0: any number
	PoolReuse       PoolReuse     `mapstructure:"pool_reuse"`      // client | any
}

// DNS says who is asked for the addresses and mail exchangers of next hops.
type DNS struct {
	Servers []string `mapstructure:"servers"` // address, or address:port; empty: those of the system
	Trusted bool     `mapstructure:"trusted"` // believe what they say about DNSSEC, also over a network
}

// TLSReports says where reports on TLS with mail exchangers are written (RFC 8460).
type TLSReports struct {
	Directory string `mapstructure:"directory"` // empty: none are written
	Contact   string `mapstructure:"contact"`   // in the reports
	From      string `mapstructure:"from"`      // the author of reports that are sent; empty: none are
}

// Limits bound the resources that the relay uses.
type Limits struct {
	Memory               Size          `mapstructure:"memory"`       // of a message kept in memory; the rest goes to a file
	MemoryTotal          Size          `mapstructure:"memory_total"` // of all messages that are rewritten at the same time
	Directory            string        `mapstructure:"directory"`    // for those files; empty: the system's
	Connections          int           `mapstructure:"connections"`  // of clients that may relay
	ConnectionsPerClient int           `mapstructure:"connections_per_client"`
	Strangers            int           `mapstructure:"stranger_connections"` // of clients that are not in allow and have not authenticated
	StrangersPerClient   int           `mapstructure:"stranger_connections_per_client"`
	StrangerTimeout      time.Duration `mapstructure:"stranger_timeout"` // in place of CommandTimeout
	Recipients           int           `mapstructure:"recipients"`
	ReceivedFields       int           `mapstructure:"received_fields"`     // at which a message is taken for a loop (RFC 5321 §6.3)
	OwnReceivedFields    int           `mapstructure:"own_received_fields"` // the same for those that we wrote
	Errors               int           `mapstructure:"errors"`              // bad commands before we hang up
	CommandTimeout       time.Duration `mapstructure:"command_timeout"`     // RFC 5321 §4.5.3.2.7
	DataTimeout          time.Duration `mapstructure:"data_timeout"`        // between two blocks of a body
	MessageTimeout       time.Duration `mapstructure:"message_timeout"`     // for a whole body
	ShutdownTimeout      time.Duration `mapstructure:"shutdown_timeout"`
	PoolSize             int           `mapstructure:"pool_size"` // idle connections kept per next hop
	PoolIdle             time.Duration `mapstructure:"pool_idle"` // how long one is kept idle
	PoolAge              time.Duration `mapstructure:"pool_age"`  // how long one is used at all
	PoolUses             int           `mapstructure:"pool_uses"` // messages on one; 0: by what the next hop is
}

// Log defines where the log is written.
type Log struct {
	Format  LogFormat `mapstructure:"format"`  // text | json
	Level   LogLevel  `mapstructure:"level"`   // debug | info | warn | error
	File    string    `mapstructure:"file"`    // empty: standard error
	Subject bool      `mapstructure:"subject"` // of each message

	Syslog   string `mapstructure:"syslog"`         // a server that gets each line, too: udp://host:514, tcp://, tls://
	SyslogCA string `mapstructure:"syslog_ca_file"` // trusted roots for tls; empty: the system's

	RotateSize Size          `mapstructure:"rotate_size"` // at which a new file begins; 0: never
	RotateAge  time.Duration `mapstructure:"rotate_age"`  // a new file begins with each period of this length; 0: never
	RotateKeep int           `mapstructure:"rotate_keep"` // files beside the current one; 0: all
}

// State defines where state is stored.
type State struct {
	Directory string `mapstructure:"directory"` // empty: nothing is remembered
}

// Ledger defines what is recorded of meetings, and for how long.
type Ledger struct {
	Keep        time.Duration `mapstructure:"keep"`
	MaxSize     Size          `mapstructure:"max_size"`
	Texts       bool          `mapstructure:"texts"`     // summaries and locations
	Addresses   AddressStyle  `mapstructure:"addresses"` // plain | hashed
	OwnDomains  []string      `mapstructure:"own_domains"`
	Grace       time.Duration `mapstructure:"grace"`        // after the first copy, before somebody counts as not notified
	AllowCancel bool          `mapstructure:"allow_cancel"` // for the command that cancels a meeting
}

// InUse reports whether relays share something.
func (c Cluster) InUse() bool { return c.Embedded || len(c.NATS) > 0 }

// Queue defines how mail of listeners with handoff = "queue" is kept and sent.
type Queue struct {
	Engine             QueueEngine   `mapstructure:"engine"`               // directory | nats
	MaxSize            Size          `mapstructure:"max_size"`             // of the queue in NATS, when it is created
	Directory          string        `mapstructure:"directory"`            // empty: spool below the state directory
	Expire             time.Duration `mapstructure:"expire"`               // after which a message is returned
	DelayNotice        time.Duration `mapstructure:"delay_notice"`         // after which the sender is told; 0: never
	DelayNoticeMeeting time.Duration `mapstructure:"delay_notice_meeting"` // the same where the meeting begins before the message expires
	RetryFirst         time.Duration `mapstructure:"retry_first"`          // the pause after the first attempt
	RetryMost          time.Duration `mapstructure:"retry_most"`           // the longest pause
	Concurrency        int           `mapstructure:"concurrency"`          // messages at the same time to one destination
	Rate               int           `mapstructure:"rate"`                 // messages a minute to one destination; 0: any number
	Workers            int           `mapstructure:"workers"`              // messages at the same time to all
}

// Cluster says how several relays share their ledgers.
type Cluster struct {
	Embedded    bool     `mapstructure:"embedded"` // a NATS server in this process, instead of nats
	Listen      string   `mapstructure:"listen"`   // for its peers
	Peers       []string `mapstructure:"peers"`    // host:port of all relays of the cluster
	NATS        []string `mapstructure:"nats"`     // nats://host:port or tls://host:port; empty: none
	Stream      string   `mapstructure:"stream"`
	Replicas    int      `mapstructure:"replicas"` // of the stream, when it is created
	Credentials string   `mapstructure:"credentials"`
	CA          string   `mapstructure:"ca"`
	Cert        string   `mapstructure:"cert"`
	Key         string   `mapstructure:"key"`
}

// Admin is the address of health, readiness and metrics.
type Admin struct {
	Address string `mapstructure:"address"` // empty: none
}
