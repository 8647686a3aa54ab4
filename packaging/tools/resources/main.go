// Command resources writes the Windows resources of the program: its version
// information, and the texts of the Event Log.
//
//	go -C packaging/tools run ./resources VERSION FOLDER
//
// It writes resources_windows_amd64.syso and resources_windows_arm64.syso, which
// the Go linker takes from the folder of package main.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"unicode/utf16"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

// The numbers of events. Each has the same text, its first insertion string, so
// that a new event needs no new resource.
const firstEvent, lastEvent = 1000, 1999

// typeMessageTable is RT_MESSAGETABLE, english the language en-US.
const (
	typeMessageTable = winres.ID(11)
	english          = 0x409
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: resources VERSION FOLDER")
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(release, folder string) error {
	var set winres.ResourceSet
	if err := set.Set(typeMessageTable, winres.ID(1), english, messageTable()); err != nil {
		return err
	}
	var info version.Info
	info.SetFileVersion(release)
	info.SetProductVersion(release)
	for key, value := range map[string]string{
		version.ProductName:      "Reconvene",
		version.FileDescription:  "SMTP smarthost that repairs meeting mail",
		version.OriginalFilename: "reconvene.exe",
		version.LegalCopyright:   "Apache License 2.0",
	} {
		if err := info.Set(english, key, value); err != nil {
			return err
		}
	}
	set.SetVersionInfo(info)
	for name, arch := range map[string]winres.Arch{"amd64": winres.ArchAMD64, "arm64": winres.ArchARM64} {
		var object bytes.Buffer
		if err := set.WriteObject(&object, arch); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("resources_windows_%s.syso", name)), object.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// messageTable is a MESSAGE_RESOURCE_DATA with one block (winuser.h).
func messageTable() []byte {
	const (
		headerSize = 4 + 12 // NumberOfBlocks, and a MESSAGE_RESOURCE_BLOCK
		unicode    = 1      // MESSAGE_RESOURCE_UNICODE
	)
	var text []byte
	for _, unit := range utf16.Encode([]rune("%1\r\n\x00")) {
		text = binary.LittleEndian.AppendUint16(text, unit)
	}
	for len(text)%4 != 0 {
		text = append(text, 0)
	}
	var table []byte
	for _, field := range []uint32{1, firstEvent, lastEvent, headerSize} {
		table = binary.LittleEndian.AppendUint32(table, field)
	}
	for range lastEvent - firstEvent + 1 {
		table = binary.LittleEndian.AppendUint16(table, uint16(4+len(text)))
		table = binary.LittleEndian.AppendUint16(table, unicode)
		table = append(table, text...)
	}
	return table
}
