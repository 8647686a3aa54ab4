package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/reconvene/reconvene/config"
)

func newListenerSetups(cfg *config.Config) ([]*listenerSetup, error) {
	var setups []*listenerSetup
	for _, l := range cfg.Listeners {
		t, err := serverTLS(l.TLS)
		if err != nil {
			return nil, fmt.Errorf("listener %q: %w", l.Name, err)
		}
		roots, err := clientRoots(l)
		if err != nil {
			return nil, fmt.Errorf("listener %q: %w", l.Name, err)
		}
		if t != nil && len(l.AllowNames) > 0 {
			t.ClientAuth = tls.RequestClientCert // checked by certified
		}
		setups = append(setups, &listenerSetup{cfg: l, tls: t, roots: roots})
	}
	return setups, nil
}

// ErrStopping is the error of Reload when the server was told to stop: no configuration
// matters any more.
var ErrStopping = errors.New("the server is stopping")

// relisten opens the new listeners, then calls commit, then closes those that are no
// longer configured. A socket whose address stays is kept.
func (s *Server) relisten(setups []*listenerSetup, commit func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopping
	}
	old := append([]*listener(nil), s.listeners...)
	var all, opened []*listener
	for _, d := range setups {
		l := take(&old, d.cfg)
		if l == nil {
			socket, err := s.opt.Listen(s.ctx, d.cfg.Address)
			if err != nil {
				for _, o := range opened {
					o.Close()
				}
				return fmt.Errorf("listener %q: %w", d.cfg.Name, err)
			}
			l = &listener{Listener: socket}
			opened = append(opened, l)
		}
		all = append(all, l)
	}
	commit()
	for i, l := range all {
		l.setup.Store(setups[i])
	}
	s.listeners = all
	for _, l := range opened {
		s.opt.Log.ListenerUp(l.setup.Load().cfg.Name, l.Addr().String())
		if s.serving {
			s.start(l)
		}
	}
	s.closeListeners(old)
	return nil
}

// take finds the open socket for a listener and removes it from the list; one of
// the same name goes first.
func take(from *[]*listener, cfg config.Listener) *listener {
	found := -1
	for i, l := range *from {
		have := l.setup.Load().cfg
		if have.Address == cfg.Address && (found < 0 || have.Name == cfg.Name) {
			found = i
		}
	}
	if found < 0 {
		return nil
	}
	l := (*from)[found]
	*from = append((*from)[:found], (*from)[found+1:]...)
	return l
}

func (s *Server) closeListeners(list []*listener) {
	for _, l := range list {
		l.Close()
		s.opt.Log.ListenerDown(l.setup.Load().cfg.Name, l.Addr().String())
	}
}

// start runs the accept loop of a listener; s.mu is held.
func (s *Server) start(l *listener) {
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		s.accept(l)
	}()
}

// Addr returns the address that a listener is bound to, nil when there is no such
// listener.
func (s *Server) Addr(name string) net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listeners {
		if l.setup.Load().cfg.Name == name {
			return l.Addr()
		}
	}
	return nil
}

// stopAccepting closes the listeners.
func (s *Server) stopAccepting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.stopped = true
	close(s.stop)
	s.closeListeners(s.listeners)
}
