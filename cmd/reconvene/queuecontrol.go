package main

import (
	"github.com/reconvene/reconvene/config"
	"github.com/reconvene/reconvene/relay/queue/control"
)

// startControl lets "reconvene queue" ask for the queue. Mail does not depend on it.
func (d *daemon) startControl(cfg *config.Config) {
	q := d.server.Queue()
	if q == nil || cfg.QueueDirectory() == "" {
		return
	}
	var err error
	opt := control.Options{Queue: q, Changed: func(r *control.Request, messages int, err error) {
		d.log.QueueChanged(string(r.Do), r.Filter, r.Why, messages, err)
	}}
	if d.shared != nil {
		opt.Whole = func() control.Whole {
			s := d.shared.Status()
			return control.Whole{Partitions: s.Partitions, Held: s.Held, Known: s.Known, Messages: s.Messages}
		}
	}
	d.control, err = control.Serve(d.ctx, cfg.QueueDirectory(), opt)
	if err == nil {
		d.log.ListenerUp("control", d.control.File())
	} else {
		d.log.QueueTrouble(`opening the file "control", which the command "queue" needs; mail is not affected`, err)
	}
}

// stopControl ends it with the server, while the folder is still locked.
func (d *daemon) stopControl() {
	<-d.ctx.Done()
	if d.control == nil {
		return
	}
	if err := d.control.Close(); err != nil {
		d.log.QueueTrouble(`removing the file "control"`, err)
	}
	d.log.ListenerDown("control", d.control.File())
}
