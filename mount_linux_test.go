package main

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// mayMount says whether this machine lets us make a small disk, on which a
// full or a read-only one can be shown.
var mayMount = sync.OnceValue(func() bool {
	folder, err := os.MkdirTemp("", "tidings-mount-")
	if err != nil {
		return false
	}
	defer os.Remove(folder)
	if syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k") != nil {
		return false
	}
	return syscall.Unmount(folder, 0) == nil
})

// mountTmpfs makes a disk of a size: tmpfs FOLDER 64k.
func mountTmpfs(ts *testscript.TestScript, neg bool, args []string) {
	folder := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(folder, 0o700))
	ts.Check(syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+args[1]))
	ts.Defer(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
}

// remountReadOnly takes the right to write from a disk.
func remountReadOnly(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(syscall.Mount("", filepath.Clean(ts.MkAbs(args[0])), "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
}
