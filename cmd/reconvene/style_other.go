//go:build !windows

package main

import "os"

// enableColour reports whether the terminal takes colours.
func enableColour(*os.File) bool { return true }
