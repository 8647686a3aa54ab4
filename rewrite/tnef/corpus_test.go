package tnef_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reconvene/reconvene/rewrite/tnef"
)

// corpus gives the folder of collected streams beside the project, "" where it
// is not.
func corpus() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", "corpus", "tnef")
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// streams gives the corpus by file name, and skips the test where there is
// none.
func streams(t testing.TB) map[string][]byte {
	dir := corpus()
	if dir == "" {
		t.Skip("no corpus beside the project")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.tnef"))
	if err != nil || len(files) == 0 {
		t.Fatal("the corpus has no streams", err)
	}
	all := make(map[string][]byte)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = b
	}
	return all
}

// facts are what is known of the streams of the corpus from the tests of the
// projects they come from, and from Debian's tnef and ytnef.
var facts = map[string]struct {
	class       string
	attachments []string
	text        string // a part of it
	refused     error
}{
	"IPM-DistList":            {class: "IPM.Microsoft Mail.Note", attachments: []string{"Untitled Attachment"}, text: "Will send the second half same way."},
	"Itip_Reply":              {class: "IPM.Schedule.Meeting.Resp.Pos"},
	"TnefAttachments":         {class: "IPM.Microsoft Mail.Note", attachments: []string{"hasselhoff_birthday.jpg"}, text: "Test"},
	"TnefMeetingRequest":      {class: "IPM.Microsoft Schedule.MtgReq"},
	"Untitled_Attachment.2":   {class: "IPM.Task", text: "Build my nephew an HO-scale train table for Christmas."},
	"bug52400-winmail-simple": {class: "IPM.Note", text: "This is the message body."},
	"data-before-name":        {class: "IPM.Microsoft Mail.Note", attachments: []string{"AUTOEXEC.BAT", "CONFIG.SYS", "boot.ini"}, text: "asdf"},
	"duplicate_filename":      {class: "IPM.Note", attachments: []string{"file_abcdefgh.txt", "file_abcdefgh.txt", "VIA_Nytt_14021.htm"}, text: "bodødamene"},
	"mapi_attach_data_obj":    {class: "IPM.Note", attachments: []string{"VIA_Nytt_1402.doc", "VIA_Nytt_1402.pdf", "VIA_Nytt_14021.htm"}, text: "plisséskjørt"},
	"minimal_attachment":      {attachments: []string{""}},
	"missing-filenames":       {class: "IPM.Microsoft Mail.Note", attachments: []string{"generpts.src", "TechlibDEC99.doc", "TechlibDEC99-JAN00.doc", "TechlibNOV99.doc"}, text: "cheers, Liedeke"},
	"one-file":                {class: "IPM.Microsoft Mail.Note", attachments: []string{"AUTHORS"}},
	"panic":                   {refused: tnef.ErrDamaged},
	"triples":                 {class: "IPM.Appointment", text: "Sample description"},
	"two-files":               {class: "IPM.Microsoft Mail.Note", attachments: []string{"AUTHORS", "README"}},
	"ukr":                     {class: "IPM.Note", text: "шостий"},
	"umlaut-filename":         {class: "IPM.Microsoft Mail.Note", attachments: []string{"döcument.pdf"}, text: "ein ö eingefügt…"},
	"unicode-mapi-attr-name":  {class: "IPM.Note", attachments: []string{"spaconsole2.cfg", "image001.png", "image002.png", "image003.png"}, text: "Marcin Jabłonkowski"},
	"winmail":                 {class: "IPM.Microsoft Mail.Note", attachments: []string{"Untitled Attachment", "Untitled Attachment"}, text: "3333333333333333333"},
}

// Every stream decodes, or is refused for the reason that is known.
func TestReadCorpus(t *testing.T) {
	seen := 0
	for name, b := range streams(t) {
		key := name[strings.LastIndex(name, "__")+2:]
		for _, end := range []string{".tnef", ".dat", ".eml.tnef0", ".txt.b64-0"} {
			key = strings.TrimSuffix(key, end)
		}
		t.Run(key, func(t *testing.T) {
			want, known := facts[key]
			m, err := tnef.Read(b, tnef.Limits{})
			if !known {
				t.Logf("nothing is known of %s: %v", name, err)
				return
			}
			seen++
			if !errors.Is(err, want.refused) {
				t.Fatalf("error %v, want %v", err, want.refused)
			}
			if err != nil {
				return
			}
			var names []string
			for _, a := range m.Attachments {
				names = append(names, a.Name)
			}
			text, _ := m.Body()
			if m.Class != want.class || !slices.Equal(names, want.attachments) || !strings.Contains(text, want.text) {
				t.Errorf("class %q, attachments %q, text %q; want %+v", m.Class, names, text, want)
			}
		})
	}
	if seen == 0 {
		t.Error("no stream of the corpus is known")
	}
}
