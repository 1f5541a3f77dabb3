//go:build unix

package storage

import (
	"io/fs"
	"os"
	"syscall"
)

// belongTo gives a file the owner of another, so that what root restores can be
// used by the one whose bot it is. Whoever may not do that owns it already.
func belongTo(path string, other fs.FileInfo) {
	if s, ok := other.Sys().(*syscall.Stat_t); ok {
		_ = os.Chown(path, int(s.Uid), int(s.Gid))
	}
}
