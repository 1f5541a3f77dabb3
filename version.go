package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// version is set by the build: -ldflags "-X main.version=1.2.3".
var version string

type versionCommand struct{}

// Run prints the version, the revision it was built from and the Go version.
func (versionCommand) Run(s surroundings) error {
	_, err := fmt.Fprintf(s.out, "tidings %s (%s, %s/%s)\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	switch {
	case version != "":
		return version
	case !ok:
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "development"
}

// programPrint returns what tells a hash of the program that runs, "" where its file cannot
// be read: no two builds have the same, also those of one version or of none. The file is
// opened now, as an upgrade may put another in its place, and read when first asked for.
func programPrint() func() string {
	file := (*os.File)(nil)
	path, err := os.Executable()
	if err == nil {
		file, err = os.Open(path)
	}
	return sync.OnceValue(func() string {
		if err != nil {
			return ""
		}
		defer file.Close()
		h := sha256.New()
		if _, err := io.Copy(h, file); err != nil {
			return ""
		}
		return fmt.Sprintf("%x", h.Sum(nil))
	})
}
