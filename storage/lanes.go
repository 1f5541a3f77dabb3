package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	laneRetry = 500 * time.Millisecond // between two tries to get a lane
	laneCheck = 2 * time.Second        // between two looks whether it is still ours
)

// errLaneLost is the cause of a held context that ended on its own.
var errLaneLost = errors.New("lane lost")

// Lane waits until the caller is the only one, in all processes that share the
// database, who performs the act of that name. The act should stop when held
// ends: the lane was lost, or ctx ended. Release gives the lane to the next; it
// must be called once the act has stopped, and may be called again.
//
// On SQLite the file belongs to this process, so a lane is a turn within it. On
// PostgreSQL it is a session's advisory lock on a connection of its own, looked
// at every two seconds.
func (s *Store) Lane(ctx context.Context, name string) (held context.Context, release func(), err error) {
	if s.engine == SQLite {
		return s.laneInProcess(ctx, name)
	}
	for {
		conn, err := s.tryLane(ctx, name)
		if err != nil {
			return nil, nil, fmt.Errorf("take lane %s: %w", name, convertError(ctx, err))
		}
		if conn != nil {
			held, release := s.holdLane(ctx, name, conn)
			return held, release, nil
		}
		if !wait(ctx, laneRetry) {
			return nil, nil, fmt.Errorf("take lane %s: %w", name, context.Cause(ctx))
		}
	}
}

func (s *Store) laneInProcess(ctx context.Context, name string) (context.Context, func(), error) {
	s.mu.Lock()
	turn := s.lanes[name]
	if turn == nil {
		turn = make(chan struct{}, 1)
		s.lanes[name] = turn
	}
	s.mu.Unlock()
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("take lane %s: %w", name, context.Cause(ctx))
	}
	held, cancel := context.WithCancel(ctx)
	var once sync.Once
	return held, func() { once.Do(func() { cancel(); <-turn }) }, nil
}

// laneKey is a lane's number on the server: schemas of one database are
// different houses.
const laneKey = `hashtextextended('tidings lane ' || current_schema() || ' ' || $1, 0)`

// tryLane returns the connection that has the lane, nil when another has it.
func (s *Store) tryLane(ctx context.Context, name string) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var ours bool
	err = conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock(`+laneKey+`)`, name).Scan(&ours)
	if err != nil || !ours {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// holdLane looks after conn until release, or until it is gone.
func (s *Store) holdLane(ctx context.Context, name string, conn *sql.Conn) (context.Context, func()) {
	held, lose := context.WithCancelCause(ctx)
	asked, ask := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for wait(asked, laneCheck) {
			if err := s.checkLane(asked, name, conn); err != nil && asked.Err() == nil {
				s.log.Warn("lane lost", "lane", name, "err", err)
				lose(fmt.Errorf("%w: %s: %w", errLaneLost, name, err))
				return
			}
		}
	}()
	var once sync.Once
	return held, func() {
		once.Do(func() {
			ask()
			<-ended
			lose(context.Canceled)
			letGo(context.WithoutCancel(ctx), conn)
		})
	}
}

func (s *Store) checkLane(ctx context.Context, name string, conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, laneCheck)
	defer cancel()
	_, err := conn.ExecContext(ctx, `SELECT 1`)
	return err
}

// letGo ends the session rather than unlocking it: that also works when the
// last look at it was broken off.
func letGo(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(ctx, laneCheck)
	defer cancel()
	conn.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
	conn.Raw(func(any) error { return driver.ErrBadConn })
	conn.Close()
}
