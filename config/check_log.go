package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func checkLog(l *loader, log *Log) {
	oneOf(l, "log.format", log.Format, LogText, LogJSON)
	oneOf(l, "log.level", log.Level, LogDebug, LogInfo, LogWarn, LogError)
	checkSyslog(l, log)
	if log.RotateSize != 0 && log.RotateSize < 10e3 {
		l.fail("log.rotate_size", fmt.Sprintf("%v is too little: it is a few messages", log.RotateSize), `write at least "10KB", or "0B" for no limit`)
	}
	if log.RotateAge != 0 && log.RotateAge < time.Minute {
		l.fail("log.rotate_age", fmt.Sprintf("%v is too short", log.RotateAge), `write at least "1m", or "0s" for no limit`)
	}
}

// checkSyslog wants udp://host:port, or tcp or tls.
func checkSyslog(l *loader, log *Log) {
	const example = "udp://logs.example.com:514"
	if log.SyslogCA != "" {
		if strings.HasPrefix(log.Syslog, "tls://") {
			l.readable("log.syslog_ca_file", log.SyslogCA, false)
		} else {
			l.warn("log.syslog_ca_file", "does nothing without syslog = \"tls://…\"", "remove it, or use tls")
		}
	}
	if log.Syslog == "" {
		return
	}
	scheme, address, ok := strings.Cut(log.Syslog, "://")
	if !ok {
		l.fail("log.syslog", fmt.Sprintf("%q does not say how lines are sent", log.Syslog), fmt.Sprintf("write for example %q", example))
		return
	}
	if oneOf(l, "log.syslog", scheme, "udp", "tcp", "tls") {
		if host, _, ok := l.hostPort("log.syslog", address, "logs.example.com:514"); ok && host == "" {
			l.fail("log.syslog", "names no host", fmt.Sprintf("write for example %q", example))
		}
	}
}

// tryLog wants a log file that can be written. One that does not exist yet is not
// made: it would belong to whoever runs check.
func tryLog(l *loader, log *Log) {
	folder := filepath.Dir(log.File)
	f, err := os.OpenFile(log.File, os.O_APPEND|os.O_WRONLY, 0)
	switch {
	case err == nil:
		info, statErr := f.Stat()
		f.Close()
		if rotates := log.RotateSize > 0 || log.RotateAge > 0; rotates && statErr == nil && info.Mode().IsRegular() && !canMakeFiles(folder) {
			l.warn("log.file", fmt.Sprintf("%s can be written, but not rotated: in %s this user can make no file", log.File, folder),
				"let the user that runs Reconvene write the folder, or set rotate_size = \"0B\" and leave it to logrotate")
		}
	case errors.Is(err, os.ErrNotExist):
		if text, hint := TryFolder(folder); text != "" {
			l.fail("log.file", text, hint)
		}
	default:
		l.fail("log.file", fmt.Sprintf("%s cannot be written: %s", log.File, reason(err)), "let the user that runs Reconvene write it, or name another file")
	}
}

func canMakeFiles(folder string) bool {
	text, _ := TryFolder(folder)
	return text == ""
}
