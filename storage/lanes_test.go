package storage_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tidings/storage"
)

func TestLaneIsForOne(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		a := h.open(t)
		b := a
		if a.Engine() == storage.Postgres {
			b = h.open(t)
		}
		var (
			group  sync.WaitGroup
			inside = make(chan struct{}, 1)
		)
		for _, s := range []*storage.Store{a, b, a, b} {
			group.Go(func() {
				held, release, err := s.Lane(t.Context(), "join")
				if err != nil {
					t.Errorf("Lane: %v", err)
					return
				}
				select {
				case inside <- struct{}{}:
				default:
					t.Error("two are in the lane")
				}
				if held.Err() != nil {
					t.Errorf("held has ended: %v", held.Err())
				}
				<-inside
				release()
				release()
			})
		}
		group.Wait()

		_, release, err := a.Lane(t.Context(), "join")
		check(t, err)
		_, other, err := b.Lane(t.Context(), "deliver")
		check(t, err)
		other()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, _, err := b.Lane(ctx, "join"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Lane while another has it: %v, want to wait until the context ends", err)
		}
		release()
	})
}

func TestHeldEndsWithItsContext(t *testing.T) {
	onBoth(t, func(t *testing.T, h house) {
		s := h.open(t)
		ctx, cancel := context.WithCancel(t.Context())
		held, release, err := s.Lane(ctx, "join")
		check(t, err)
		cancel()
		<-held.Done()
		release()
		_, release, err = s.Lane(t.Context(), "join")
		check(t, err)
		release()
	})
}

func TestLaneIsLostWithItsConnection(t *testing.T) {
	h := postgresHouse(t)
	a, b := h.open(t), h.open(t)
	held, release, err := a.Lane(t.Context(), "deliver")
	check(t, err)
	defer release()
	n := number(t, b, `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND (CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT) =
			hashtextextended('tidings lane ' || current_schema() || ' deliver', 0)`)
	if n != 1 {
		t.Fatalf("%d connections hold the lane, want 1", n)
	}
	select {
	case <-held.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("held lives on 10 s after its connection died")
	}
	_, next, err := b.Lane(t.Context(), "deliver")
	check(t, err)
	next()
}
