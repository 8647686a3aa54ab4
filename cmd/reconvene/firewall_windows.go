package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// netsh writes the rules of the Windows firewall. It reports errors on standard
// output.
func netsh(args ...string) error {
	out, err := exec.Command("netsh.exe", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("netsh %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
