package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// mayImport lists every arrow between our packages. Only rightwards: main →
// storage → bot → digest; a child never imports its parent (storage/queue is
// the one exception). A new arrow is a decision: it belongs here and into
// docs/architecture.md.
var mayImport = map[string][]string{
	".":                    {"bot", "bot/simulator", "bot/simulator/sample", "bot/telegram", "digest", "digest/feed", "digest/model", "digest/packs", "digest/page", "digest/text", "storage", "storage/queue"},
	"storage":              {"bot", "bot/telegram", "digest"},
	"storage/queue":        {"storage"},
	"bot":                  {"bot/telegram", "digest", "digest/text"},
	"bot/telegram":         {},
	"bot/simulator":        {},
	"bot/simulator/sample": {},
	"digest":               {"digest/feed", "digest/page", "digest/text"},
	"digest/feed":          {"digest/text"},
	"digest/page":          {"digest/feed", "digest/text"},
	"digest/model":         {},
	"digest/packs":         {"digest/feed"},
	"digest/text":          {},
}

// Only these packages may know what others must not.
var mayKnow = map[string]string{
	"github.com/go-telegram-bot-api/": "bot/telegram",
	"github.com/riverqueue/":          "storage/queue",
	"modernc.org/sqlite":              "storage",
	"github.com/mmcdole/gofeed":       "digest/feed",
	"github.com/prometheus/":          ".",
	"github.com/go-analyze/charts":    "bot",
	"github.com/temoto/robotstxt":     "digest/feed",
	"codeberg.org/readeck/":           "digest/page",
	"github.com/sashabaranov/":        "digest/model",
}

func TestImportsGoOnlyRightwards(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if _, none := os.Stat(filepath.Join(file, "go.mod")); d != nil && d.IsDir() && file != "." && none == nil {
			return filepath.SkipDir // a module of its own
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if len(f.Comments) > 0 && f.Comments[0].Pos() < f.Package && f.Comments[0].List[0].Text == "//go:build ignore" {
			return nil // a generator is in no build
		}
		for _, i := range f.Imports {
			checkImport(t, file, pkg, strings.Trim(i.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range mayImport {
		if !seen[pkg] {
			t.Errorf("package %s is listed and not there", pkg)
		}
	}
}

func checkImport(t *testing.T, file, pkg, imported string) {
	t.Helper()
	allowed, listed := mayImport[pkg]
	if !listed {
		t.Errorf("%s: package %s is not listed; a new room is a decision", file, pkg)
	}
	if ours, ok := strings.CutPrefix(imported, "tidings/"); ok {
		for _, a := range allowed {
			if a == ours {
				return
			}
		}
		t.Errorf("%s: %s must not import %s", file, pkg, ours)
	}
	for prefix, only := range mayKnow {
		if strings.HasPrefix(imported, prefix) && path.Clean(pkg) != only {
			t.Errorf("%s: only %s may import %s", file, only, imported)
		}
	}
}

// TestEveryPackageKnowsSoak because a test binary refuses flags that it does not
// know, and -soak is given to all of them.
func TestEveryPackageKnowsSoak(t *testing.T) {
	knows := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if _, none := os.Stat(filepath.Join(file, "go.mod")); d != nil && d.IsDir() && file != "." && none == nil {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(file)
		knows[filepath.Dir(file)] = knows[filepath.Dir(file)] || strings.Contains(string(text), `flag.Duration("soak"`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, does := range knows {
		if !does {
			t.Errorf("the tests of %s do not know -soak", folder)
		}
	}
}
