package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tidings/digest/page"
)

// evalCommand measures the news side on JSON Lines: a line in, a line out, in
// order, without network.
type evalCommand struct {
	Extract evalExtract `cmd:"" help:"Articles' pages: id, url, path → id, title, text, author, published, language."`
}

type evalExtract struct{}

// longestPage bounds a page that is measured.
const longestPage = 20 << 20

// Run reads pages named on standard input.
func (evalExtract) Run(ctx context.Context, s surroundings) error {
	in := json.NewDecoder(bufio.NewReader(os.Stdin))
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	for ctx.Err() == nil {
		var ask struct{ ID, URL, Path string }
		switch err := in.Decode(&ask); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read a line of standard input: %w", err)
		}
		answer, err := extract(ask.URL, ask.Path)
		if err != nil {
			return err
		}
		answer["id"] = ask.ID
		if err := out.Encode(answer); err != nil {
			return fmt.Errorf("write an answer: %w", err)
		}
	}
	return nil
}

// extract reads one page; a document that is no page has no text.
func extract(address, path string) (map[string]string, error) {
	body, err := readPage(path)
	if err != nil {
		return nil, fmt.Errorf("read page %s: %w", path, err)
	}
	p, err := page.Read(body, "", address, time.Now())
	if err != nil {
		p = page.Page{}
	}
	published := ""
	if !p.Published.IsZero() {
		published = p.Published.Format(time.RFC3339)
	}
	return map[string]string{"title": p.Title, "text": p.Text, "author": p.Author, "published": published, "language": p.Language}, nil
}

func readPage(path string) ([]byte, error) {
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
	return io.ReadAll(io.LimitReader(r, longestPage))
}
