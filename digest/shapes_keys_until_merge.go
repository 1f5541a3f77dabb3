package digest

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// Keys and SameArticle as the digest branch defines them; this file goes when
// that branch is merged.

// Keys returns every way to recognise a: its guid within its source, its
// address, its host with its title.
func (a Article) Keys() []Key {
	var keys []Key
	if a.GUID != "" {
		keys = append(keys, Key{Hash: hashKey("g", strconv.FormatInt(int64(a.Source), 10), a.GUID)})
	}
	if a.Address != "" {
		keys = append(keys, Key{Hash: hashKey("a", a.Address)})
	}
	if a.Host != "" && a.Title != "" {
		keys = append(keys, Key{Hash: hashKey("t", a.Host, strings.ToLower(a.Title)), Title: true})
	}
	return keys
}

func hashKey(parts ...string) int64 {
	h := fnv.New64a()
	h.Write([]byte(strings.Join(parts, "\x00")))
	return int64(h.Sum64())
}

// SameArticle finds the known article that a is: one that left any of its guid
// or address keys, or its title key within 12 hours of its publication.
func SameArticle(a Article, known []KnownKey) (ArticleID, bool) {
	for _, key := range a.Keys() {
		for _, k := range known {
			if k.Key == key && (!key.Title || a.Published.Sub(k.Published).Abs() <= 12*time.Hour) {
				return k.Article, true
			}
		}
	}
	return 0, false
}
