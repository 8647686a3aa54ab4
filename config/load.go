package config

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/viper"
)

// Sample is the commented sample file. It is the only definition of the defaults:
// its listener and its route are what every listener and route begins with.
//
//go:embed reconvene.toml
var Sample string

// maxFile is the largest configuration file that is read.
const maxFile = 1 << 20

// delimiter joins viper's keys; the usual dot would tear domain names apart.
const delimiter = "::"

// Load reads the file at path (none when it is ""), applies the environment (as
// os.Environ returns it), and checks everything. The Config is nil when a problem is
// not a warning.
func Load(path string, environ []string) (*Config, Problems) {
	return load(&loader{file: path}, environ)
}

// Check is like Load, and also checks what a server needs on this machine:
// addresses, folders, certificates. What would prevent serve from starting is an
// error; anything else is a warning. sockets are the addresses that systemd opens
// for serve.
func Check(path string, environ []string, sockets ...string) (*Config, Problems) {
	return load(&loader{file: path, machine: true, sockets: sockets}, environ)
}

func load(l *loader, environ []string) (*Config, Problems) {
	path := l.file
	l.variables, l.rejected = make(map[string]string), make(map[string]bool)
	var text []byte
	if path != "" {
		var err error
		if text, err = readFile(path); err != nil {
			return nil, Problems{unreadable(path, err)}
		}
	}
	cfg := l.load(text, environ)
	if cfg != nil {
		l.names = cfg.files()
	}
	if cfg != nil && l.machine {
		try(l, cfg)
	}
	if path != "" && l.machine {
		tryBeside(l)
	}
	l.sort()
	if l.problems.Err() != nil {
		return nil, l.problems
	}
	return cfg, l.problems
}

// loader is one reading of the configuration.
type loader struct {
	file      string
	machine   bool              // try what serve needs of this machine
	sockets   []string          // addresses that systemd opens for it
	lines     map[string]int    // path of a key → line
	variables map[string]string // path of a key → environment variable that set it
	rejected  map[string]bool   // path of a key that was taken out of the tree
	problems  Problems
	names     []string // files that the configuration names, also when it cannot be used
}

func (l *loader) load(text []byte, environ []string) *Config {
	tree, ok := parse(l, text)
	if !ok {
		return nil
	}
	acceptRetired(l, tree, retiredKeys)
	applyEnv(l, tree, environ)
	checkTable(l, tree, rootTable, "")
	cfg, err := decode(tree)
	if err != nil {
		l.fail("", err.Error(), "")
		return nil
	}
	complete(l, cfg)
	check(l, cfg)
	return cfg
}

// parse reads the TOML text into a tree and notes where its keys are.
func parse(l *loader, text []byte) (map[string]any, bool) {
	text = PlainText(text)
	tree := make(map[string]any)
	if err := toml.Unmarshal(text, &tree); err != nil {
		p := Problem{File: l.file, Text: strings.TrimPrefix(err.Error(), "toml: "), Hint: "see toml.io for how to write it"}
		if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
			p.Line, _ = bad.Position()
			p.explainSyntax(lineOf(text, p.Line))
		}
		l.problems = append(l.problems, p)
		return nil, false
	}
	l.lines = findPositions(text)
	return tree, true
}

// decode merges the tree over the defaults and turns it into a Config. The tree
// was checked: only known keys with values of their types are left.
func decode(tree map[string]any) (*Config, error) {
	defaults, err := parseSample()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"listener", "route"} {
		model, _ := tablesOf(defaults[name])
		delete(defaults, name)
		list, _ := tablesOf(tree[name])
		full := make([]any, len(list))
		for i, t := range list {
			full[i] = overlay(model[0], t)
		}
		tree[name] = full
	}
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	if err := v.MergeConfigMap(defaults); err != nil {
		return nil, fmt.Errorf("merge the defaults: %w", err)
	}
	if err := v.MergeConfigMap(tree); err != nil {
		return nil, fmt.Errorf("merge the file: %w", err)
	}
	cfg := new(Config)
	err = v.UnmarshalExact(cfg, viper.DecodeHook(decodeHook()), func(d *mapstructure.DecoderConfig) { d.WeaklyTypedInput = false })
	return cfg, err
}

// parseSample reads the defaults.
func parseSample() (map[string]any, error) {
	tree := make(map[string]any)
	if err := toml.Unmarshal([]byte(Sample), &tree); err != nil {
		return nil, fmt.Errorf("parse the sample file: %w", err)
	}
	return tree, nil
}

// overlay returns the model with the values of t over it, tables inside included.
func overlay(model, t map[string]any) map[string]any {
	merged := maps.Clone(model)
	for k, v := range t {
		under, isTable := merged[k].(map[string]any)
		over, ok := v.(map[string]any)
		if isTable && ok {
			v = overlay(under, over)
		}
		merged[k] = v
	}
	return merged
}

// complete fills in what depends on the machine and makes paths absolute.
func complete(l *loader, cfg *Config) {
	if cfg.Hostname == "" {
		cfg.Hostname, _ = os.Hostname()
		l.warn("hostname", fmt.Sprintf("is not set; the system's name %q is used", cfg.Hostname),
			"set it to the full name of this host in DNS")
	}
	if len(cfg.Listeners) == 0 {
		only, err := decode(map[string]any{"listener": []any{map[string]any{}}})
		if err == nil {
			cfg.Listeners = only.Listeners
			l.warn("listener", "there is none; "+cfg.Listeners[0].Address+" is used, for programs on this machine only",
				"add a [[listener]] with the address that Exchange sends to")
		}
	}
	for i := range cfg.Listeners {
		ln := &cfg.Listeners[i]
		if ln.Name == "" {
			ln.Name = fmt.Sprintf("listener%d", i)
		}
		if !ln.TLS.Certificate().InStore() {
			anchor(l, &ln.TLS.Cert)
		}
		anchor(l, &ln.TLS.Key, &ln.TLS.CertPasswordFile, &ln.Auth.UsersFile)
		if ln.ClientCA != "system" {
			anchor(l, &ln.ClientCA)
		}
	}
	for i := range cfg.Routes {
		r := &cfg.Routes[i]
		if !r.Certificate().InStore() {
			anchor(l, &r.Cert)
		}
		anchor(l, &r.CAFile, &r.Key, &r.CertPasswordFile, &r.Auth.PasswordFile, &r.Auth.TokenFile)
	}
	for i := range cfg.DKIM {
		k := &cfg.DKIM[i]
		k.Foreign = cmp.Or(k.Foreign, ForeignSkip)
		anchor(l, &k.KeyFile)
	}
	if cfg.State.Directory != "none" {
		anchor(l, &cfg.State.Directory)
	}
	anchor(l, &cfg.Cluster.Credentials, &cfg.Cluster.CA, &cfg.Cluster.Cert, &cfg.Cluster.Key)
	anchor(l, &cfg.Log.File, &cfg.Log.SyslogCA, &cfg.Limits.Directory, &cfg.Reports.Directory)
	if !l.isSet("limits.memory_total") {
		cfg.Limits.MemoryTotal = usualMemoryTotal(installedMemory())
	}
}

// anchor makes paths relative to the folder of the configuration file.
func anchor(l *loader, paths ...*string) {
	for _, p := range paths {
		if *p == "" || filepath.IsAbs(*p) || l.file == "" {
			continue
		}
		*p = filepath.Join(filepath.Dir(l.file), *p)
	}
}

// fail notes a problem with which the configuration cannot be used.
func (l *loader) fail(path, text, hint string) { l.note(path, text, hint, false) }

// warn notes a problem with which it can.
func (l *loader) warn(path, text, hint string) { l.note(path, text, hint, true) }

// note passes over a key that was rejected: its default would be judged.
func (l *loader) note(path, text, hint string, warning bool) {
	if l.rejected[path] {
		return
	}
	p := Problem{File: l.file, Key: path, Warning: warning, Text: text, Hint: hint}
	if variable, ok := l.variables[path]; ok {
		p.File = variable
	} else {
		p.Line = l.lineOf(path)
	}
	l.problems = append(l.problems, p)
}

// lineOf returns the line of a key, or of the table that it is missing from.
func (l *loader) lineOf(path string) int {
	for path != "" {
		if line, ok := l.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

// sort puts the problems in the order of the file.
func (l *loader) sort() {
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.File, b.File), cmp.Compare(a.Key, b.Key))
	})
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("it is larger than 1 MiB")
	}
	return text, err
}

// remedyFor returns what can be done about a file that cannot be read.
func remedyFor(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "name a file that exists; paths are relative to the configuration file"
	case errors.Is(err, os.ErrPermission):
		return "let the user that runs Reconvene read it"
	}
	return "check the file"
}

// reason is an error without the path, which is said already.
func reason(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		err = e.Err
	}
	return strings.TrimSuffix(err.Error(), ".") // Windows ends its texts so
}
