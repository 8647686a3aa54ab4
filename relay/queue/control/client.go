package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
)

// Running reports whether a server uses the queue in a folder.
func Running(ctx context.Context, folder string) bool {
	conn, _, err := dial(ctx, folder)
	if err == nil {
		conn.Close()
	}
	return !errors.Is(err, ErrNotRunning)
}

// Ask sends a request to the server that uses the queue in a folder, and calls f for
// each reply but the last one. It returns the number of messages that were changed.
// ErrNotRunning reports that there is no server. An error of f ends the request.
func Ask(ctx context.Context, folder string, r Request, f func(Reply) error) (changed int, err error) {
	conn, secret, err := dial(ctx, folder)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	r.Version, r.Secret = Version, secret
	line, err := json.Marshal(r)
	if err != nil {
		return 0, err
	}
	if len(line) >= maxRequest {
		return 0, fmt.Errorf("the request has more than %d octets: name fewer messages at a time", maxRequest)
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return 0, ended(ctx, err)
	}
	for in := bufio.NewReader(conn); ; {
		reply, err := readReply(in)
		if err != nil {
			return 0, ended(ctx, err)
		}
		switch {
		case reply.Done && reply.Error != "":
			return reply.Count, errors.New(reply.Error)
		case reply.Done:
			return reply.Count, nil
		}
		if err := f(reply); err != nil {
			return 0, err
		}
	}
}

// readReply reads a line of a bounded length.
func readReply(in *bufio.Reader) (r Reply, err error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxReply {
			return r, errors.New("the server sent a reply that is too long")
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return r, err
		}
	}
	if err := json.Unmarshal(bytes.TrimSpace(line), &r); err != nil {
		return r, fmt.Errorf("the reply of the server cannot be read: %w", err)
	}
	return r, nil
}

// ended explains the end of a connection before the last reply.
func ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if _, network := errors.AsType[*net.OpError](err); network || errors.Is(err, io.EOF) {
		return fmt.Errorf("the server ended the connection: it was stopped, or too many commands ask at the same time; try again (%w)", err)
	}
	return err
}
