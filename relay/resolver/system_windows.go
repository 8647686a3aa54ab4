package resolver

import (
	"net/netip"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// systemServers returns the servers of all network adapters that are up. It is empty
// where Windows does not tell them: then the resolver of the system is used.
func systemServers() []string {
	const flags = windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST | windows.GAA_FLAG_SKIP_UNICAST
	size := uint32(32 << 10)
	var buf []byte
	var err error = windows.ERROR_BUFFER_OVERFLOW
	for tries := 0; tries < 4 && err == windows.ERROR_BUFFER_OVERFLOW; tries++ {
		buf = make([]byte, size)
		err = windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0])), &size)
	}
	if err != nil {
		return nil
	}
	var list []string
	for a := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0])); a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp {
			continue
		}
		for s := a.FirstDnsServerAddress; s != nil; s = s.Next {
			ip, ok := netip.AddrFromSlice(s.Address.IP())
			// QUIRK: Windows names fec0:0:0:ffff::1 to 3 on adapters without a server.
			if ok && !ip.IsUnspecified() && ip.As16()[0] != 0xfe && !slices.Contains(list, ip.Unmap().String()) {
				list = append(list, ip.Unmap().String())
			}
		}
	}
	return list
}
