//go:build !linux && !windows

package main

import (
	"errors"
	"runtime"
)

func newServiceManager() (serviceManager, error) {
	return nil, errors.New("there is no service manager for " + runtime.GOOS + ` here; start "reconvene serve" with your own`)
}
