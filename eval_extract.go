package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tidings/digest/page"
)

type evalExtract struct{}

// longestMeasured bounds a document that is measured.
const longestMeasured = 20 << 20

type evalPage struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	Path string `json:"path"`
}

// Run reads pages named on standard input.
func (evalExtract) Run(ctx context.Context, s surroundings) error {
	return answerLines(ctx, s, func(ask evalPage) (map[string]string, error) {
		if ask.Path == "" {
			return nil, errNoPath
		}
		answer, err := extract(ask.URL, ask.Path)
		if err != nil {
			return nil, err
		}
		answer["id"] = ask.ID
		return answer, nil
	})
}

// errNoPath is what is said of a line without its document.
var errNoPath = errors.New(`the field "path" is missing or empty: it names the file to read`)

// extract reads one page; a document that is no page has no text.
func extract(address, path string) (map[string]string, error) {
	body, err := readMeasured(path)
	if err != nil {
		return nil, fmt.Errorf("read page %s: %w", path, err)
	}
	p, err := page.Read(body, "", address, time.Now())
	if err != nil {
		p = page.Page{}
	}
	return map[string]string{"title": p.Title, "text": p.Text, "author": p.Author, "published": evalTime(p.Published), "language": p.Language}, nil
}

// readMeasured reads a document that is measured, up to 20 MiB.
func readMeasured(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(r, longestMeasured))
}
