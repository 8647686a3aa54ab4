package rewrite

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// Properties of an attachment that decide whether a reader would see it.
const (
	pidAttachmentFlags = 0x7FFD // PidTagAttachmentFlags
	afException        = 2
	pidAttachPathname  = 0x3708 // PidTagAttachLongPathname: the file was not sent, only where it lies
)

// attachmentEntity returns an attachment as a part. ok is false for what no
// reader sees: the exceptions of a series, and files that were not sent.
func attachmentEntity(a *tnef.Attachment, inline bool) (e entity, ok bool) {
	flags, _ := a.Props.Get(pidAttachmentFlags).Int()
	if flags&afException != 0 {
		return e, false
	}
	if a.Embedded != nil {
		if class := strings.ToUpper(a.Embedded.Class); strings.HasPrefix(class, "IPM.OLE.CLASS.") {
			return e, false
		}
		return embeddedEntity(a), true
	}
	if a.Data == nil && a.Props.Get(pidAttachPathname) != nil {
		return e, false
	}
	name := fileName(a.Name)
	e = entity{
		mediaType:   fileType(a.Type, name),
		encoding:    "base64",
		disposition: "attachment",
		filename:    name,
		data:        a.Data,
	}
	if name != "" {
		e.params = []param{{"name", name}}
	}
	if id := contentID(a.ContentID); inline && id != "" {
		e.disposition, e.contentID = "inline", id
	}
	return e, true
}

// maxName bounds a file name, in octets as they are written.
const maxName = 200

// fileName is the name of an attachment without what could be a path, break a
// header field or turn the direction of writing.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '/' || r == '\\' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.TrimSpace(s)
	for ext := path.Ext(s); len(s) > maxName; {
		if len(ext) > maxName/4 {
			ext = ""
		}
		stem := strings.TrimSuffix(s, ext)[:maxName-len(ext)]
		for !utf8.ValidString(stem) {
			stem = stem[:len(stem)-1]
		}
		s = stem + ext
	}
	return s
}

// contentID is a Content-ID that can stand in a field (RFC 2392), "" for one
// that cannot.
func contentID(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '<' || s[i] == '>' {
			return ""
		}
	}
	if len(s) > maxName {
		return ""
	}
	return s
}

// fileTypes are the media types of files that the stream names no type for.
var fileTypes = map[string]string{
	".bmp": "image/bmp", ".csv": "text/csv", ".gif": "image/gif", ".htm": "text/html", ".html": "text/html",
	".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".json": "application/json", ".pdf": "application/pdf",
	".png": "image/png", ".rtf": "application/rtf", ".svg": "image/svg+xml", ".tif": "image/tiff", ".tiff": "image/tiff",
	".txt": "text/plain", ".vcf": "text/vcard", ".xml": "application/xml", ".zip": "application/zip",
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".msg":  "application/vnd.ms-outlook",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

// fileType is the media type of an attachment. A composite type cannot be
// written in base64 (RFC 2045 §6.4), a type that signs or encrypts would say
// what is not true, and a calendar that is a mere file must not be taken for
// the invitation.
func fileType(said, name string) string {
	said = strings.ToLower(strings.TrimSpace(said))
	ext := strings.ToLower(path.Ext(name))
	switch {
	case said == "text/calendar" || said == "application/ics" || ext == ".ics":
		return "application/ics"
	case strings.HasPrefix(said, "multipart/"), strings.HasPrefix(said, "message/"), !isMediaType(said),
		said == "application/octet-stream", said == "application/ms-tnef", said == "application/vnd.ms-tnef",
		strings.Contains(said, "pkcs7"), strings.Contains(said, "pgp"):
		if t := fileTypes[ext]; t != "" {
			return t
		}
		return "application/octet-stream"
	}
	return said
}

// isMediaType reports whether s is type/subtype in tokens (RFC 2045 §5.1).
func isMediaType(s string) bool {
	kind, sub, ok := strings.Cut(s, "/")
	if !ok || kind == "" || sub == "" || len(s) > 127 {
		return false
	}
	return !slices.ContainsFunc([]byte(kind+sub), func(c byte) bool {
		return c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?=`, c) >= 0
	})
}
