package config

import (
	"testing"
	"time"
)

func TestUsualMemoryTotal(t *testing.T) {
	for name, tt := range map[string]struct {
		installed uint64
		want      Size
	}{
		"large machine":   {64 << 30, 1e9},
		"just enough":     {4e9, 1e9},
		"small machine":   {2 << 30, 536e6},
		"container":       {512 << 20, 134e6},
		"tiny container":  {64 << 20, 32e6},
		"unlimited":       {1<<63 - 4096, 1e9},
		"nobody knows it": {0, 250e6},
	} {
		t.Run(name, func(t *testing.T) {
			if got := usualMemoryTotal(tt.installed); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// What is there when the file says nothing, and what wins when it does.
func TestMemoryTotal(t *testing.T) {
	if n := installedMemory(); n < 16<<20 {
		t.Errorf("this machine has %d octets", n)
	}
	cfg, problems := Load("", nil)
	if cfg == nil || cfg.Limits.MemoryTotal != usualMemoryTotal(installedMemory()) {
		t.Errorf("%+v, %v", cfg, problems)
	}
	cfg, problems = Load("", []string{"RECONVENE_LIMITS_MEMORY_TOTAL=77MB", "RECONVENE_REWRITE_WAIT=0s"})
	if cfg == nil || cfg.Limits.MemoryTotal != 77e6 || cfg.Rewrite.Wait != 0 || cfg.Rewrite.Timeout != 10*time.Second {
		t.Errorf("%+v, %v", cfg, problems)
	}
	for _, bad := range []string{"RECONVENE_LIMITS_MEMORY_TOTAL=1MB", "RECONVENE_LIMITS_MEMORY_TOTAL=0B", "RECONVENE_REWRITE_TIMEOUT=0s", "RECONVENE_REWRITE_TIMEOUT=1h",
		"RECONVENE_REWRITE_WAIT=1h", "RECONVENE_LIMITS_STRANGER_CONNECTIONS=0", "RECONVENE_LIMITS_STRANGER_TIMEOUT=0s"} {
		if cfg, _ := Load("", []string{bad}); cfg != nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
