//go:build !unix

package storage

import "io/fs"

// belongTo does nothing where files have no owners in this sense.
func belongTo(string, fs.FileInfo) {}
