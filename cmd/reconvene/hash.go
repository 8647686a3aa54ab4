package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/term"
)

// maxPassword is what bcrypt can take; the rest would not count.
const maxPassword = 72

// hashPassword reads a password and prints the line of users_file for it.
func hashPassword(e *env, user string) error {
	if strings.ContainsAny(user, ":\r\n") || strings.HasPrefix(user, "#") || strings.TrimSpace(user) != user {
		return usageError("%q cannot be a user name: it must not contain a colon, begin with #, or have spaces around it", user)
	}
	password, err := readPassword(e)
	if err != nil {
		return err
	}
	switch {
	case password == "":
		return errors.New("the password is empty; type one, or pass it on standard input")
	case len(password) > maxPassword:
		return fmt.Errorf("the password has %d octets; the maximum is %d", len(password), maxPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("hash the password: %w", err)
	}
	_, err = fmt.Fprintf(e.stdout, "%s:%s\n", user, hash)
	return err
}

// readPassword takes the first line of standard input; a terminal does not show
// it.
func readPassword(e *env) (string, error) {
	if f, ok := e.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.stderr, "Password: ")
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.stderr)
		return string(text), err
	}
	line, err := bufio.NewReader(io.LimitReader(e.stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
