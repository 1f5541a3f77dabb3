package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tidings/bot"
	"tidings/digest"
	"tidings/storage"
)

// BenchmarkJoin joins 20,000 articles of 60 words that wait on the shelf, as
// after a first start, while ten thousand topics are followed: a third of them
// tell what another tells, in almost its words.
//
//	go test . -run '^$' -bench Join -benchtime 1x
func BenchmarkJoin(b *testing.B) {
	const articles, topics, chats = 20_000, 10_000, 250
	for name, database := range benchDatabases(b) {
		b.Run(name, func(b *testing.B) {
			used, total := time.Duration(0), 0
			for b.Loop() {
				b.StopTimer()
				store, err := storage.Open(b.Context(), database(), storage.Options{Log: slog.New(slog.DiscardHandler)})
				check(b, err)
				shelved := furnishJoin(b, store, articles, topics, chats)
				total += shelved
				ctx, cancel := context.WithCancel(b.Context())
				counted := &joinCount{until: shelved, done: cancel}
				joiner := digest.NewJoiner(store, store.NewStoryID, slog.New(slog.DiscardHandler)).WatchedBy(counted)
				before := processorTime(b)
				b.StartTimer()
				check(b, joiner.Run(ctx))
				b.StopTimer()
				used += processorTime(b) - before
				b.ReportMetric(float64(counted.stories), "stories")
				check(b, store.Close())
				b.StartTimer()
			}
			n := float64(total)
			b.ReportMetric(n/b.Elapsed().Seconds(), "articles/s")
			b.ReportMetric(float64(used.Microseconds())/n, "cpu-µs/article")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// A joinCount ends the joiner when all is joined.
type joinCount struct {
	until, articles, stories int
	done                     func()
}

func (c *joinCount) Joined(articles, stories int) {
	c.stories += stories
	if c.articles += articles; c.articles >= c.until {
		c.done()
	}
}

func furnishJoin(b *testing.B, s *storage.Store, articles, topics, chats int) (shelved int) {
	b.Helper()
	random, now := rand.New(rand.NewPCG(1, 2)), time.Now()
	frequent := rand.NewZipf(random, 1.07, 6, 60_000)
	say := func(n int) []string {
		words := make([]string, n)
		for i := range words {
			words[i] = inventedWord(int(frequent.Uint64()))
		}
		return words
	}
	var sources []digest.Source
	for i := range 500 {
		sources = append(sources, digest.Source{Name: fmt.Sprint("Paper ", i), Language: "en", Address: fmt.Sprintf("https://h%d.example/feed", i), NextVisit: now})
	}
	_, err := s.AddSources(b.Context(), sources)
	check(b, err)
	sources, err = s.ClaimSources(b.Context(), now, time.Minute, len(sources))
	check(b, err)
	var told []string
	for i := 0; i < articles; {
		var visits []digest.Visit
		for range 20 {
			source := sources[random.IntN(len(sources))]
			v := digest.Visit{Source: source}
			for range 20 {
				if i%3 != 2 {
					told = say(60)
				} else {
					told[random.IntN(60)] = inventedWord(int(frequent.Uint64()))
				}
				address := fmt.Sprintf("https://%s/%d", strings.TrimSuffix(strings.TrimPrefix(source.Address, "https://"), "/feed"), i)
				v.Articles = append(v.Articles, digest.Article{Source: source.ID, Outlet: source.Name, Address: address, GUID: address, Host: strings.TrimSuffix(strings.TrimPrefix(source.Address, "https://"), "/feed"),
					Title: strings.Join(told[:10], " "), Text: strings.Join(told[10:], " ") + ".", Language: "en", Published: now.Add(time.Duration(i-articles) * time.Second), Seen: now})
				i++
			}
			visits = append(visits, v)
		}
		n, err := s.ShelveVisits(b.Context(), visits)
		check(b, err)
		shelved += n
	}
	for c := range chats {
		chat, err := s.AddChat(b.Context(), bot.Chat{Address: bot.Address{Telegram: int64(c + 1)}, Kind: "private", Language: "en", Zone: "UTC", Created: now})
		check(b, err)
		for i := range topics / chats {
			t, err := digest.ParseTopic(inventedWord(100 + c*topics/chats + i))
			check(b, err)
			_, _, err = s.Follow(b.Context(), chat.ID, t, now)
			check(b, err)
		}
	}
	return shelved
}

// inventedWord is the n-th most frequent word of an invented language.
func inventedWord(n int) string {
	var w strings.Builder
	for n += 26; n > 0; n /= 26 {
		w.WriteByte('a' + byte(n%26))
		w.WriteString([]string{"k", "x", "zt"}[n%3])
	}
	return w.String() + "o"
}
