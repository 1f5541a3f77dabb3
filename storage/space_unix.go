//go:build linux || darwin || freebsd

package storage

import "golang.org/x/sys/unix"

// diskSpace asks the file system; free is what an ordinary user may fill.
func diskSpace(folder string) (free, total uint64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(folder, &fs); err != nil {
		return 0, 0, err
	}
	size := uint64(fs.Bsize)
	return uint64(fs.Bavail) * size, fs.Blocks * size, nil
}
