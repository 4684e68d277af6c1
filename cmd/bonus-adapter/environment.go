package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"bonus-adapter/config"
)

// environment lends a config what its references stand for: the program's variables and files. An editor ends a file
// with a newline that is not part of the secret, so one is cut off.
func environment(getenv func(string) (string, bool), readFile func(string) ([]byte, error)) config.Lookup {
	return func(scheme, name string) (string, error) {
		switch scheme {
		case "env":
			value, set := getenv(name)
			if !set {
				return "", fmt.Errorf("environment variable %s is not set", name)
			}
			return value, nil
		case "file":
			content, err := readFile(name)
			if err != nil {
				return "", fmt.Errorf("file %s cannot be read: %w", name, plainCause(err))
			}
			text := strings.TrimSuffix(string(content), "\n")
			return strings.TrimSuffix(text, "\r"), nil
		}
		return "", fmt.Errorf("a reference to %s is not known, only env and file", scheme)
	}
}

// plainCause leaves out what an error of the file system repeats: the file's name is said already.
func plainCause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
