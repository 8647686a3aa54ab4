package config

import "github.com/KimMachineGun/automemlimit/memlimit"

// The default of limits.memory_total is a quarter of the memory that there is,
// between these two.
const (
	minMemoryTotal = 32e6
	maxMemoryTotal = 1e9
)

// usualMemoryTotal is the default for so much memory, in whole megabytes; 0 is an
// amount that is not known.
func usualMemoryTotal(installed uint64) Size {
	if installed == 0 {
		return maxMemoryTotal / 4
	}
	quarter := min(installed/4, maxMemoryTotal)
	return Size(max(quarter/1e6*1e6, minMemoryTotal))
}

// installedMemory is what this machine has, or this container may use if that is
// less; 0 when the system does not tell.
func installedMemory() uint64 {
	machine, err := memlimit.FromSystem()
	if err != nil {
		machine = 0
	}
	container, err := memlimit.FromCgroup()
	if err != nil || machine != 0 && container > machine {
		return machine // no cgroup, or no limit in it
	}
	return container
}
