//go:build !windows

package main

// serveAsService is for Windows only.
func serveAsService(*env, string) (handled bool, err error) { return false, nil }
