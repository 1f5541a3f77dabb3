package storage

import (
	"fmt"
	"path/filepath"
)

// Space is how many bytes are free, and how many there are in all, on the disk
// that holds the database's file. Both are 0 where that cannot be told: in
// memory, on PostgreSQL, and on systems without such a question.
func (s *Store) Space() (free, total uint64, err error) {
	if s.engine != SQLite || s.url == ":memory:" {
		return 0, 0, nil
	}
	path, err := filepath.Abs(s.url)
	if err == nil {
		free, total, err = diskSpace(filepath.Dir(path))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("ask for free space: %w", err)
	}
	return free, total, nil
}
