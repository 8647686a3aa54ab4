package node

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
)

// Peer is what a peer has said of itself.
type Peer struct {
	Name      string `json:"server_name"`
	Version   string `json:"version"`
	Cluster   string `json:"cluster"`
	JetStream bool   `json:"jetstream"`
}

// maxInfo bounds the first line of a peer.
const maxInfo = 64 << 10

// Ask connects to a peer as another one does, with the certificates of opt, and disconnects
// when it has said who it is. The error says why it is no peer of this cluster.
func Ask(ctx context.Context, address string, opt Options) (p Peer, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return p, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if opt.CA != "" || opt.Cert != "" {
		c, err := tlsConfig(opt)
		if err != nil {
			return p, err
		}
		if c.ServerName, _, err = net.SplitHostPort(address); err != nil {
			return p, err
		}
		secure := tls.Client(conn, c)
		if err := secure.HandshakeContext(ctx); err != nil {
			return p, err
		}
		defer secure.Close()
		conn = secure
	}
	line, err := bufio.NewReader(io.LimitReader(conn, maxInfo)).ReadBytes('\n')
	if err != nil {
		return p, fmt.Errorf("it does not say who it is: %w", cmp.Or(context.Cause(ctx), err))
	}
	text, ok := bytes.CutPrefix(line, []byte("INFO "))
	if !ok || json.Unmarshal(text, &p) != nil {
		return p, errors.New("it is no NATS server: another program has the port")
	}
	switch {
	case p.Cluster != clusterName:
		return p, fmt.Errorf("it is a NATS server of the cluster %q, and no relay", p.Cluster)
	case !p.JetStream:
		return p, errors.New("it has no JetStream: its disk may have failed, see its log")
	}
	return p, nil
}
