package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// logWriter writes complete lines to the log. When it cannot, it reports that at
// once on standard error, counts the lost lines, and tries again with the next line.
// It is used by one goroutine at a time.
type logWriter struct {
	stderr io.Writer
	count  func(lines int, writable bool) // called for each loss, and each change; may be nil

	rotation *rotation

	path string    // "": out is standard error
	out  io.Writer // what path was opened as
	file *os.File  // the same, when path is not ""

	report  bool  // the first line of the next write is about a loss, and none itself
	torn    bool  // a part of a line is at the end of the file
	lost    int   // lines that the log does not know to be lost
	total   int   // lines lost since problem came up
	problem error // why the log cannot be written, or not where it should be; nil: all is well
}

// openLog opens the file for lines to be added; "" is standard error.
func openLog(stderr io.Writer, path string, r *rotation) (*logWriter, error) {
	w := &logWriter{stderr: stderr, rotation: r, path: path, out: stderr}
	if path == "" {
		return w, nil
	}
	return w, w.open()
}

func (w *logWriter) open() error {
	file, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		hint := "check the file, or name another one under [log]"
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = "create its folder, or name another file under [log]"
		case errors.Is(err, fs.ErrPermission):
			hint = "let the user that runs Reconvene write it, or name another file under [log]"
		}
		return fmt.Errorf("the log file cannot be opened: %w; %s", err, hint)
	}
	w.close()
	w.file, w.out, w.torn = file, file, false
	w.rotation.opened(file)
	return nil
}

func (w *logWriter) close() {
	if w.file != nil {
		w.file.Close()
		w.file = nil
	}
}

// Write implements io.Writer. It never writes a part of a line.
func (w *logWriter) Write(lines []byte) (int, error) {
	if w.file != nil && w.rotation.due(len(lines)) {
		w.rotate()
	}
	if w.path != "" && (w.file == nil || deleted(w.file)) {
		if err := w.open(); err != nil {
			w.lose(lines, 0, err)
			return 0, err
		}
	}
	if w.torn {
		if _, err := w.out.Write([]byte("\n")); err != nil {
			w.lose(lines, 0, err)
			return 0, err
		}
		w.torn = false
	}
	n, err := w.out.Write(lines)
	w.rotation.wrote(n)
	if n < len(lines) {
		if err == nil {
			err = io.ErrShortWrite
		}
		whole := bytes.LastIndexByte(lines[:n], '\n') + 1
		w.undo(n - whole)
		if w.torn && lines[n] == '\n' {
			whole = n + 1 // what is missing of this line is its end, which comes first of all
		}
		w.lose(lines, whole, err)
		return whole, err
	}
	return n, nil
}

// rotate puts the file aside; the next write opens a new one. When another program
// has put it aside already, that one's new file is all that there is to open. A
// file that cannot be put aside is written on.
func (w *logWriter) rotate() {
	mine, err := w.file.Stat()
	if err != nil {
		return
	}
	there, err := os.Stat(w.path)
	w.close() // Windows renames no open file
	if err != nil || !os.SameFile(mine, there) {
		return
	}
	if err := w.rotation.aside(w.path); err != nil {
		// There is nowhere else to say that this cannot be written, either.
		_, _ = fmt.Fprintf(w.stderr, "reconvene: the log %s cannot be rotated, and grows: %s\n", w.path, visible(err.Error()))
	}
}

// undo takes the last octets off the file. Where that is not possible the next
// line begins on a line of its own.
func (w *logWriter) undo(octets int) {
	if octets == 0 {
		return
	}
	w.torn = true
	if w.file == nil {
		return
	}
	if info, err := w.file.Stat(); err == nil && info.Mode().IsRegular() && w.file.Truncate(info.Size()-int64(octets)) == nil {
		w.torn = false
	}
}

// lose counts the lines after the first octets, which could be written.
func (w *logWriter) lose(lines []byte, written int, err error) {
	n := bytes.Count(lines[written:], []byte("\n"))
	switch {
	case w.report && written == 0:
		n--
	case w.report:
		w.lost, w.report = 0, false // the log knows of those before
	}
	w.lost, w.total = w.lost+n, w.total+n
	w.reportError(err)
	w.reportLost(n, false)
}

// reportError reports an error once on standard error.
func (w *logWriter) reportError(err error) {
	if w.problem == nil && w.path != "" {
		// There is nowhere else to say that this cannot be written, either.
		_, _ = fmt.Fprintf(w.stderr, "reconvene: the log %s cannot be written: %s; mail is not affected, but log lines are lost\n", w.path, visible(err.Error()))
	}
	w.problem = err
}

// reportRecovery reports once that the error has ended.
func (w *logWriter) reportRecovery() {
	if w.problem != nil && w.path != "" {
		_, _ = fmt.Fprintf(w.stderr, "reconvene: the log %s can be written again; %d lines were lost\n", w.path, w.total)
	}
	if w.problem != nil {
		w.reportLost(0, true)
	}
	w.problem, w.lost, w.total = nil, 0, 0
}

func (w *logWriter) reportLost(lost int, writable bool) {
	if w.count != nil {
		w.count(lost, writable)
	}
}

// trouble returns the present error of the log, nil without one.
func (w *logWriter) trouble() error {
	switch {
	case w.problem == nil && w.rotation.problem != nil:
		return fmt.Errorf("the log cannot be rotated, and grows: %w", w.rotation.problem)
	case w.problem == nil:
		return nil
	case w.total == 0:
		return w.problem
	}
	return fmt.Errorf("the log cannot be written, %d lines are lost: %w", w.total, w.problem)
}
