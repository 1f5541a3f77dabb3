package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tidings/digest"
	"tidings/digest/feed"
	"tidings/digest/packs"
)

// Bounds of reading all sources.
const (
	packsAtOnce   = 32              // sources are read
	packsPatience = 3 * time.Minute // for one: many wait for the turn of one host
	packsHopeless = 64              // in a row that cannot be read end it: the network is the matter
	silentAfter   = 30 * 24 * time.Hour
)

// packs looks at every source that run would read: at the form of the packs and,
// unless offline, at what each source answers. It needs no database and no token.
func (x *examination) packs(ctx context.Context, set settings, offline bool) error {
	sources := x.sources(set)
	if set.sources == "" {
		x.packsForm()
	}
	if len(sources) == 0 || offline {
		return nil
	}
	fetcher := newFetcher(set)
	defer fetcher.Close()
	found := seeSources(ctx, fetcher, sources)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	x.tellSights(found, time.Now())
	return nil
}

// seeSources reads sources side by side and returns what those that were read, or
// could not be, showed. It ends early when none of the first can be read.
func seeSources(ctx context.Context, fetcher *feed.Fetcher, sources []digest.Source) []sight {
	ctx, hopeless := context.WithCancel(ctx)
	defer hopeless()
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		found []sight
		read  int
	)
	turns := make(chan struct{}, packsAtOnce)
	for _, s := range sources {
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			all.Wait()
			return found
		}
		all.Go(func() {
			defer func() { <-turns }()
			v := seeSource(ctx, fetcher, s)
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() != nil {
				return // cut short
			}
			found = append(found, v)
			if v.err == nil {
				read++
			}
			if read == 0 && len(found) >= packsHopeless {
				hopeless()
			}
		})
	}
	all.Wait()
	return found
}

// packsForm tells what is wrong with the form of the built-in packs.
func (x *examination) packsForm() {
	feeds, err := packs.All()
	if err != nil {
		return // told as a problem of the sources
	}
	faults := packs.Faults(feeds)
	for _, f := range faults {
		x.problem("form", "%s", f)
	}
	if len(faults) > 0 {
		return
	}
	languages, countries := map[string]bool{}, map[string]bool{}
	for _, f := range feeds {
		languages[f.Language], countries[f.Country] = true, true
	}
	x.ok("form", "%s in %s and of %d countries, each once and in order", count(len(feeds), "feed"), count(len(languages), "language"), len(countries))
}

// A sight is what one source showed.
type sight struct {
	source digest.Source
	err    error
	moved  string    // for good, and where to
	items  int       // in its feed
	newest time.Time // zero when no item has a date
}

// seeSource reads a source once.
func seeSource(ctx context.Context, fetcher *feed.Fetcher, s digest.Source) sight {
	v := sight{source: s}
	ctx, cancel := context.WithTimeout(ctx, packsPatience)
	defer cancel()
	answer, err := fetcher.Fetch(ctx, feed.Request{Address: s.Address})
	if err != nil {
		v.err = err
		return v
	}
	v.moved = answer.MovedTo
	found, err := feed.Parse(answer.Body, answer.ContentType, answer.FinalAddress, time.Now())
	if err != nil {
		v.err = err
		return v
	}
	v.items = len(found.Items)
	for _, i := range found.Items {
		for _, at := range []time.Time{i.Published, i.Updated} {
			if at.After(v.newest) {
				v.newest = at
			}
		}
	}
	return v
}

// tellSights tells of every source that is not as it should be, and counts the
// others. Where nothing can be read the network is the matter, not the sources.
func (x *examination) tellSights(found []sight, now time.Time) {
	failed, odd := 0, 0
	var told []string
	for _, v := range found {
		wrong := v.wrong(now)
		if v.err != nil {
			failed++
		}
		if wrong == "" {
			continue
		}
		odd++
		told = append(told, fmt.Sprintf("%s – %s", v.source.Address, wrong))
	}
	if failed == len(found) {
		x.problem("fetch", "of the first %s none could be read: %s", count(len(found), "source"), told[0])
		return
	}
	slices.Sort(told)
	for _, line := range told {
		x.warning("fetch", "%s", line)
	}
	x.ok("fetch", "%s read, %d of them as they should be; %d not", count(len(found)-failed, "source"), len(found)-odd, failed)
}

// wrong says what is to be mended about a source; "" for nothing.
func (v sight) wrong(now time.Time) string {
	var wrong []string
	if v.err != nil {
		return digest.Reason(v.err)
	}
	if v.moved != "" {
		wrong = append(wrong, "has moved to "+v.moved)
	}
	switch {
	case v.items == 0:
		wrong = append(wrong, "is empty")
	case !v.newest.IsZero() && now.Sub(v.newest) > silentAfter:
		wrong = append(wrong, "has had nothing new since "+v.newest.Format(time.DateOnly))
	}
	return strings.Join(wrong, ", and ")
}
