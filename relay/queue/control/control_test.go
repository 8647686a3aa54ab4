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
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/reconvene/reconvene/relay/queue"
)

// fakeQueue has messages and remembers what was done with it.
type fakeQueue struct {
	mu   sync.Mutex
	done []string
	many int
	body []byte
	err  error
	wait chan struct{} // Each waits for it when it is set
}

func (q *fakeQueue) did(do string, f queue.Filter, why string) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done = append(q.done, fmt.Sprint(do, " ", f.IDs, f.To, f.Older, " ", why))
	return 2, q.err
}

func (q *fakeQueue) Each(ctx context.Context, _ queue.Filter, f func(queue.Item) error) error {
	if q.wait != nil {
		close(q.wait)
		<-ctx.Done()
		return ctx.Err()
	}
	for i := range q.many {
		if err := f(queue.Item{Message: &queue.Message{ID: fmt.Sprint(i)}, Destination: "a.example"}); err != nil {
			return err
		}
	}
	return q.err
}

func (q *fakeQueue) Groups(_ context.Context, _ queue.Filter, most int) ([]queue.Group, error) {
	return []queue.Group{{Destination: "a.example", Messages: most}, {Destination: "b.example"}}, q.err
}
func (q *fakeQueue) Retry(_ context.Context, f queue.Filter) (int, error) {
	return q.did("retry", f, "")
}
func (q *fakeQueue) Hold(_ context.Context, f queue.Filter, why string) (int, error) {
	return q.did("hold", f, why)
}
func (q *fakeQueue) Release(_ context.Context, f queue.Filter) (int, error) {
	return q.did("release", f, "")
}
func (q *fakeQueue) Remove(_ context.Context, f queue.Filter, why string) (int, error) {
	return q.did("remove", f, why)
}
func (q *fakeQueue) Bounce(_ context.Context, f queue.Filter, why string) (int, error) {
	return q.did("bounce", f, why)
}

func (q *fakeQueue) Read(id string) (*queue.Message, queue.Body, error) {
	if id != "m1" {
		return nil, nil, queue.ErrNotFound
	}
	return &queue.Message{ID: id, Trace: "Received: here\r\n"}, fakeBody{bytes.NewReader(q.body)}, nil
}

type fakeBody struct{ *bytes.Reader }

func (fakeBody) Close() error { return nil }

// serve starts a server on a folder of its own.
func serve(t *testing.T, q Queue) string {
	t.Helper()
	goleak.VerifyNone(t, goleak.IgnoreCurrent())
	folder := shortDir(t)
	s, err := Serve(t.Context(), folder, Options{Queue: q, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(folder, Name)); !os.IsNotExist(err) {
			t.Errorf("the file is left: %v", err)
		}
	})
	return folder
}

// shortDir is a folder whose path is short enough for a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "q")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func ask(t *testing.T, folder string, r Request) (got []Reply, n int, err error) {
	t.Helper()
	n, err = Ask(t.Context(), folder, r, func(r Reply) error { got = append(got, r); return nil })
	return got, n, err
}

// Each request does what it says, through a socket and through a port.
func TestRequests(t *testing.T) {
	for name, folder := range map[string]func(*testing.T) string{
		"socket": shortDir,
		"port":   func(t *testing.T) string { return longDir(t) },
	} {
		t.Run(name, func(t *testing.T) {
			q := &fakeQueue{many: 3, body: bytes.Repeat([]byte("0123456789abcdef\r\n"), 10000)}
			dir := folder(t)
			s, err := Serve(t.Context(), dir, Options{Queue: q})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			info, err := os.Stat(filepath.Join(dir, Name))
			if err != nil || info.Mode().IsRegular() != (name == "port" || runtime.GOOS == "windows") {
				t.Fatalf("%v %v", info, err)
			}
			if info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
				t.Errorf("mode %v", info.Mode())
			}
			checkRequests(t, dir, q)
		})
	}
}

// longDir is a folder whose path is too long for a socket.
func longDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(shortDir(t), strings.Repeat("d", maxSocketPath))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func checkRequests(t *testing.T, dir string, q *fakeQueue) {
	t.Helper()
	if got, _, err := ask(t, dir, Request{Do: List}); err != nil || len(got) != 3 || got[2].Item.Message.ID != "2" {
		t.Errorf("list: %v %+v", err, got)
	}
	if got, _, err := ask(t, dir, Request{Do: Groups, Most: 7}); err != nil || len(got) != 2 || got[0].Group.Messages != 7 {
		t.Errorf("groups: %v %+v", err, got)
	}
	for _, do := range []Do{Retry, Hold, Release, Remove, Bounce} {
		if _, n, err := ask(t, dir, Request{Do: do, Filter: queue.Filter{To: "x", Older: time.Hour}, Why: "y"}); err != nil || n != 2 {
			t.Errorf("%s: %d %v", do, n, err)
		}
	}
	want := "retry []x1h0m0s |hold []x1h0m0s y|release []x1h0m0s |remove []x1h0m0s y|bounce []x1h0m0s y"
	if got := strings.Join(q.done, "|"); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	got, _, err := ask(t, dir, Request{Do: Export, Filter: queue.Filter{IDs: []string{"m1"}}})
	var text []byte
	for _, r := range got {
		if len(r.Body) > chunk {
			t.Errorf("a piece of %d octets", len(r.Body))
		}
		text = append(text, r.Body...)
	}
	if err != nil || string(text) != "Received: here\r\n"+string(q.body) {
		t.Errorf("export: %v, %d octets", err, len(text))
	}
}

// What cannot be carried out is said.
func TestErrors(t *testing.T) {
	q := &fakeQueue{many: 1, err: errors.New("the disk is on fire")}
	dir := serve(t, q)
	for name, c := range map[string]struct {
		r    Request
		want string
	}{
		"of a list":        {Request{Do: List}, "on fire"},
		"of groups":        {Request{Do: Groups}, "on fire"},
		"of a change":      {Request{Do: Hold}, "on fire"},
		"no such message":  {Request{Do: Export, Filter: queue.Filter{IDs: []string{"m2"}}}, "no such message"},
		"several messages": {Request{Do: Export}, "one message"},
		"unknown":          {Request{Do: "format"}, `unknown request "format"`},
		"too long":         {Request{Do: List, Why: strings.Repeat("x", maxRequest)}, "fewer messages"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := ask(t, dir, c.r); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, n, _ := ask(t, dir, Request{Do: Retry}); n != 2 {
		t.Errorf("%d were changed before the error", n)
	}
}

// An error of the caller ends the request, and the server goes on.
func TestCallerStops(t *testing.T) {
	dir := serve(t, &fakeQueue{many: 100000})
	stop := errors.New("enough")
	if _, err := Ask(t.Context(), dir, Request{Do: List}, func(Reply) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if _, _, err := ask(t, dir, Request{Do: Groups}); err != nil {
		t.Error(err)
	}
}

func TestNotRunning(t *testing.T) {
	dir := shortDir(t)
	if _, _, err := ask(t, dir, Request{Do: List}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("without a file: %v", err)
	}
	s, err := Serve(t.Context(), dir, Options{Queue: &fakeQueue{}})
	if err != nil {
		t.Fatal(err)
	}
	s.l.Close() // as if it was killed: the file is left
	if _, _, err := ask(t, dir, Request{Do: List}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("with a file that is left: %v", err)
	}
	if Running(t.Context(), dir) {
		t.Error("a server that was killed is said to run")
	}
	again, err := Serve(t.Context(), dir, Options{Queue: &fakeQueue{many: 1}})
	if err != nil {
		t.Fatalf("after a server that was killed: %v", err)
	}
	s.Close() // late: it must not remove the file of the new one
	if got, _, err := ask(t, dir, Request{Do: List}); err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v %v", left, err)
	}
}

// The end of the server ends a request that is being carried out.
func TestCloseWhileBusy(t *testing.T) {
	q := &fakeQueue{wait: make(chan struct{})}
	dir := shortDir(t)
	s, err := Serve(t.Context(), dir, Options{Queue: q})
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := Ask(context.Background(), dir, Request{Do: List}, func(Reply) error { return nil })
		failed <- err
	}()
	<-q.wait
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the client was told that all is well")
	}
}

// The context of the client ends its wait.
func TestClientGivesUp(t *testing.T) {
	q := &fakeQueue{wait: make(chan struct{})}
	dir := serve(t, q)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-q.wait; cancel() }()
	if _, err := Ask(ctx, dir, Request{Do: List}, func(Reply) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What others send to the socket gets an error, or nothing, and changes nothing.
func TestRawRequests(t *testing.T) {
	q := &fakeQueue{}
	dir := longDir(t)
	s, err := Serve(t.Context(), dir, Options{Queue: q, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := readPlace(filepath.Join(dir, Name))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ send, want string }{
		"another version": {`{"version":2,"do":"retry","secret":"` + p.Secret + `"}`, "version 1 of the control protocol"},
		"no version":      {`{"do":"retry","secret":"` + p.Secret + `"}`, "version 1 of the control protocol"},
		"no secret":       {`{"version":1,"do":"retry"}`, "the secret"},
		"another secret":  {`{"version":1,"do":"retry","secret":"x"}`, "the secret"},
		"HTTP":            {"POST / HTTP/1.1", "cannot be read"},
		"too long":        {strings.Repeat("x", maxRequest+10), "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", p.Address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go io.WriteString(conn, c.send+"\n") // the server may close before it has read all
			var r Reply
			line, _ := bufio.NewReader(conn).ReadBytes('\n')
			if name == "too long" && len(line) == 0 {
				return // the connection was reset before the reply was read
			}
			if err := json.Unmarshal(line, &r); err != nil || !strings.Contains(r.Error, c.want) {
				t.Errorf("%v %+v", err, r)
			}
		})
	}
	if len(q.done) > 0 {
		t.Errorf("done: %v", q.done)
	}
}

// A file that leads elsewhere is not followed.
func TestPlaceElsewhere(t *testing.T) {
	for _, text := range []string{`{"address":"192.0.2.1:25","secret":"x"}`, `{"address":"example.com:25"}`, `{`, ``} {
		dir := shortDir(t)
		if err := os.WriteFile(filepath.Join(dir, Name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ask(t, dir, Request{Do: List}); err == nil || errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A client too many is told to try again, and the others are not disturbed.
func TestManyClients(t *testing.T) {
	dir := serve(t, &fakeQueue{many: 1})
	var open []net.Conn
	for range maxClients {
		conn, _, err := dial(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		open = append(open, conn)
	}
	if _, _, err := ask(t, dir, Request{Do: List}); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Fatalf("%v", err)
	}
	line, err := json.Marshal(Request{Version: Version, Do: List})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open[0].Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	if got, err := bufio.NewReader(open[0]).ReadString('\n'); err != nil || !strings.Contains(got, "a.example") {
		t.Errorf("%q %v", got, err)
	}
}
