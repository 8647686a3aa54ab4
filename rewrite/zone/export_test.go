package zone

// WindowsZones returns the IANA zones of all Windows keys, each once.
func WindowsZones() []string {
	var out []string
	for _, z := range candidates() {
		out = append(out, z.name)
	}
	return out
}

// Names returns all IANA names.
func Names() []string {
	var out []string
	for _, z := range ianaNames {
		out = append(out, z[1])
	}
	return out
}
