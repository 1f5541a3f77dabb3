package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"tidings/digest"
	"tidings/digest/feed"
	"tidings/digest/page"
	"tidings/digest/text"
)

type inspectCommand struct {
	URL           string `arg:"" name:"address-or-file" help:"Address of a feed or of an article's page, or a file that holds one."`
	AllowNetworks string `placeholder:"CIDRS" help:"Networks that may be fetched although private, comma-separated (TIDINGS_ALLOW_NETWORKS)."`
}

// How much of a document is shown.
const (
	inspectItems = 5
	inspectText  = 600 // runes

	inspectDropped = 12
	inspectLine    = 100 // runes of a line that is left out
	inspectFeeds   = 2   // of a page
)

// Run fetches the address as the bot would and tells what the bot makes of it.
func (c inspectCommand) Run(ctx context.Context, s surroundings) error {
	set, err := readSettings(settingFlags{AllowNetworks: c.AllowNetworks}, s.environ)
	if err != nil {
		return err
	}
	fetcher := newFetcher(set)
	defer fetcher.Close()
	now := time.Now()
	if answer, err := inspectedFile(c.URL); err != nil || answer.Body != nil {
		if err != nil {
			return err
		}
		_, err = inspectDocument(s.out, answer, now)
		return err
	}
	address, err := inspectedAddress(c.URL)
	if err != nil {
		return err
	}
	fetch := func(address string) (feed.Response, error) {
		answer, err := fetcher.Fetch(ctx, feed.Request{Address: address, Accept: page.Accept + ", application/rss+xml, application/atom+xml, application/feed+json"})
		if errors.Is(err, feed.ErrPrivateAddress) {
			err = fmt.Errorf("%w; --allow-networks names private networks that may be read", err)
		}
		return answer, err
	}
	answer, err := fetch(address)
	if plain := feed.PlainAddress(c.URL); plain != "" && errors.Is(err, feed.ErrUnreachable) {
		if byHTTP, plainErr := fetch(plain); plainErr == nil {
			answer, err = byHTTP, nil
		}
	}
	if errors.Is(err, feed.ErrNoHost) && !strings.Contains(c.URL, "/") {
		return usageError{fmt.Sprintf("there is neither a file nor a site named %s", redacted(c.URL))}
	}
	if err != nil {
		return err
	}
	if asked, _ := feed.CanonicalAddress(address); asked != answer.FinalAddress {
		row(s.out, "asked", address)
	}
	isPage, refused := inspectDocument(s.out, answer, now)
	if !isPage {
		return refused
	}
	if refused != nil {
		inspectInstead(s.out, fetch, answer, now)
	}
	forbidden := feed.NewRobots(fetcher, robotName).Allow(ctx, answer.FinalAddress)
	if forbidden != nil {
		forbidden = fmt.Errorf("the bot would not fetch this page: %w", forbidden)
	}
	if refused != nil && forbidden != nil { // what the page is tells more
		row(s.out, "note", forbidden)
	}
	return cmp.Or(refused, forbidden)
}

// inspectDocument tells what a document is. The error is why nothing of it is shown to
// readers.
func inspectDocument(w io.Writer, answer feed.Response, now time.Time) (isPage bool, refused error) {
	found, notFeed := feed.Parse(answer.Body, answer.ContentType, answer.FinalAddress, now)
	if notFeed == nil {
		return false, inspectFeed(w, found, answer, now)
	}
	if !errors.Is(notFeed, feed.ErrNotFeed) && !errors.Is(notFeed, feed.ErrEmpty) {
		return false, fmt.Errorf("%s: %w", answer.FinalAddress, notFeed)
	}
	p, err := page.Read(answer.Body, answer.ContentType, answer.FinalAddress, now)
	if listed, listErr := feed.ReadOutlines(bytes.NewReader(answer.Body)); errors.Is(err, page.ErrNotPage) && listErr == nil && len(listed.Feeds) > 0 {
		return false, fmt.Errorf("%s is a list of %s; send it to the bot with /import", answer.FinalAddress, count(len(listed.Feeds), "feed"))
	}
	if _, root, isXML := strings.Cut(notFeed.Error(), "its root element is "); errors.Is(err, page.ErrNotPage) && isXML {
		return false, fmt.Errorf("%s is neither a feed nor a web page: it is XML of %s", answer.FinalAddress, root)
	}
	if errors.Is(err, page.ErrNotPage) {
		_, what, _ := strings.Cut(err.Error(), page.ErrNotPage.Error())
		return false, fmt.Errorf("%s is neither a feed nor a web page%s", answer.FinalAddress, what)
	}
	if err != nil {
		return false, err
	}
	inspectPage(w, p, answer, now)
	if p.Kind != page.Article {
		return true, errors.New(p.Kind.Reason())
	}
	return true, nil
}

// longestInspected is the most that is read of a file: as much as of a server.
const longestInspected = 10 << 20

// inspectedFile reads a file as a server's answer; without a body when what was
// typed is an address. What is written like a path is never one.
func inspectedFile(name string) (feed.Response, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return feed.Response{}, usageError{name + " is a directory; give a file in it, or an address"}
	case err == nil && !info.Mode().IsRegular(): // a pipe would keep us waiting for ever
		return feed.Response{}, usageError{name + " is no ordinary file"}
	case errors.Is(err, fs.ErrNotExist) && writtenAsPath(name):
		return feed.Response{}, usageError{"there is no file " + name}
	case err != nil:
		return feed.Response{}, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return feed.Response{}, usageError{"the file " + name + " cannot be opened"}
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, longestInspected+1))
	switch {
	case err != nil:
		return feed.Response{}, fmt.Errorf("read %s: %w", name, err)
	case len(body) > longestInspected:
		return feed.Response{}, usageError{name + " is larger than 10 MiB"}
	}
	return feed.Response{Body: append([]byte{}, body...), FinalAddress: name}, nil
}

// writtenAsPath tells what cannot be an address: it begins at a directory, or is
// one name with an ending that no host has.
func writtenAsPath(name string) bool {
	for _, begin := range []string{"/", "./", "../", "~"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	endings := []string{".html", ".htm", ".xml", ".rss", ".atom", ".rdf", ".json", ".gz", ".txt", ".opml", ".csv"}
	return !strings.ContainsAny(name, "/?#") && slices.Contains(endings, strings.ToLower(path.Ext(name)))
}

// inspectedAddress reads an address as the bot reads a reader's. A name within
// the operator's own network, which a reader may not give, is left to the
// fetcher to judge.
func inspectedAddress(typed string) (string, error) {
	address, err := feed.TypedAddress(typed)
	var bad *feed.TypedError
	if !errors.As(err, &bad) {
		return address, err
	}
	switch bad.Kind {
	case feed.TypedPrivate:
		return typed, nil
	case feed.TypedScheme:
		return "", usageError{redacted(typed) + ": only http and https are fetched"}
	case feed.TypedSecret:
		return "", usageError{redacted(typed) + ": an address with a user or a password is not fetched"}
	case feed.TypedLong:
		return "", usageError{"the address is too long"}
	}
	return "", usageError{redacted(typed) + " is neither a file here nor an address of the web"}
}

// row prints a name and a value; nothing for an empty value.
func row(w io.Writer, name string, value any) {
	if v := fmt.Sprint(value); v != "" {
		fmt.Fprintf(w, "%-9s %s\n", name, v)
	}
}

// inspectFeed shows a feed and its first articles.
func inspectFeed(w io.Writer, found feed.Feed, answer feed.Response, now time.Time) error {
	source := digest.Source{Name: found.Title, Language: found.Language}
	row(w, "feed", answer.FinalAddress)
	row(w, "title", found.Title)
	row(w, "site", found.Link)
	row(w, "language", cmp.Or(found.Language, "not declared"))
	row(w, "content", count(len(found.Items), "item"))
	if found.Truncated {
		row(w, "note", "the document breaks off; this is what is whole in it")
	}
	shown := 0
	var refused error
	for _, item := range found.Items {
		a, err := digest.NewArticle(source, item, now)
		if err != nil {
			refused = err
			continue
		}
		if shown++; shown <= inspectItems {
			inspectArticle(w, a, item, now)
		}
	}
	switch {
	case len(found.Items) == 0:
		return errors.New("the feed has no item")
	case shown == 0 && found.Truncated:
		return fmt.Errorf("%w: before its first item is whole", feed.ErrBroken)
	case shown == 0 && len(found.Items) == 1:
		return fmt.Errorf("its only item cannot be shown: %w", plainly(refused))
	case shown == 0:
		return fmt.Errorf("none of the %d items can be shown: %w", len(found.Items), plainly(refused))
	case shown < len(found.Items):
		fmt.Fprintf(w, "\n%s left out: %v\n", count(len(found.Items)-shown, "item"), plainly(refused))
	}
	if shown > inspectItems {
		fmt.Fprintf(w, "\n%s not printed here\n", count(shown-inspectItems, "more article"))
	}
	return nil
}

// plainly is why an item is no article, without the act.
func plainly(err error) error {
	if errors.Is(err, digest.ErrNoAddress) {
		return digest.ErrNoAddress
	}
	return err
}

func inspectArticle(w io.Writer, a digest.Article, item feed.Item, now time.Time) {
	fmt.Fprintln(w)
	row(w, "article", a.Title)
	row(w, "address", a.Address)
	published, old := a.Published.Format(time.RFC3339), false
	if item.Published.IsZero() && item.Updated.IsZero() {
		published = "not given; counts as published when it is found"
	} else if now.Sub(a.Published) > digest.ShelfLife {
		published, old = published+" (too old to be taken in)", true
	}
	row(w, "published", published)
	row(w, "language", a.Language)
	row(w, "author", a.Author)
	row(w, "filed", strings.Join(a.Categories, ", "))
	row(w, "picture", item.Picture)
	summary := digest.JoinSentences(digest.Summarize(a.Title, []digest.Article{a}, digest.NormalLimits.Words))
	row(w, "summary", cmp.Or(summary, "none: the feed gives no whole sentence"))
	if a.Teaser() && !old {
		row(w, "note", "the feed gives a teaser; the article's page is read when somebody follows its story")
	}
}

// inspectPage shows an article's page.
func inspectPage(w io.Writer, p page.Page, answer feed.Response, now time.Time) {
	row(w, "page", answer.FinalAddress)
	row(w, "kind", fmt.Sprintf("%s: %s", p.Kind, p.Why))
	row(w, "title", p.Title)
	row(w, "site", p.Site)
	row(w, "author", p.Author)
	if published := "no date was found"; p.Kind == page.Article || !p.Published.IsZero() {
		if !p.Published.IsZero() {
			published = p.Published.Format(time.RFC3339)
		}
		row(w, "published", published)
	}
	row(w, "language", p.Language)
	row(w, "picture", p.Picture)
	if p.Text != "" {
		row(w, "found by", p.Found)
	}
	row(w, "content", count(len(p.Paragraphs()), "paragraph")+", "+count(text.CountWords(p.Text), "word"))
	summary := "none: what the feed gives serves instead of the page"
	if p.Kind == page.Article {
		article := digest.Article{Title: p.Title, Language: p.Language, Page: digest.SpacedDateline(p.Text)}
		summary = cmp.Or(digest.JoinSentences(digest.Summarize(p.Title, []digest.Article{article}, digest.NormalLimits.Words)), "none: no whole sentence fits")
	}
	row(w, "summary", summary)
	for i, d := range p.Dropped {
		if i == inspectDropped {
			row(w, "left out", count(len(p.Dropped)-i, "more line"))
			break
		}
		row(w, "left out", fmt.Sprintf("%s (%s)", beginning(strings.Join(strings.Fields(d.Line), " "), inspectLine), d.Why))
	}
	if p.Text != "" {
		fmt.Fprintf(w, "\n%s\n", beginning(p.Text, inspectText))
	}
}

// inspectInstead tells what serves readers instead of a page that is no article: the
// feeds that it names, and what they say of it.
func inspectInstead(w io.Writer, fetch func(string) (feed.Response, error), answer feed.Response, now time.Time) {
	named := feed.FeedsOn(answer)
	if len(named) == 0 {
		row(w, "note", "the page names no feed")
		return
	}
	here, _ := feed.CanonicalAddress(answer.FinalAddress)
	for _, address := range named[:min(len(named), inspectFeeds)] {
		told, err := fetch(address)
		if err != nil {
			row(w, "its feed", fmt.Sprintf("%s (%s)", address, digest.Reason(err)))
			continue
		}
		found, err := feed.Parse(told.Body, told.ContentType, told.FinalAddress, now)
		if err != nil {
			row(w, "its feed", fmt.Sprintf("%s (%s)", address, digest.Reason(err)))
			continue
		}
		row(w, "its feed", fmt.Sprintf("%s, %s; the bot takes it with /source", address, count(len(found.Items), "item")))
		for _, item := range found.Items {
			a, err := digest.NewArticle(digest.Source{Name: found.Title, Language: found.Language}, item, now)
			if err != nil || a.Address != here {
				continue
			}
			summary := digest.JoinSentences(digest.Summarize(a.Title, []digest.Article{a}, digest.NormalLimits.Words))
			row(w, "it says", cmp.Or(summary, a.Title+" (no whole sentence)"))
			return
		}
	}
}

// beginning is at most n runes of s, cut between words.
func beginning(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	cut := string(runes[:n])
	if i := strings.LastIndexAny(cut, " \n"); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}
