package feed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Listed is a feed that a list names.
type Listed struct {
	Name     string // one line; may be empty
	Address  string // http or https
	Home     string // the site; may be empty
	Language string // may be empty
	Subject  string // the folder it stands in; may be empty
	Muted    bool   // as our own lists mark it
}

// Outlines are what a list holds, if it is one of ours: feeds, and topics by
// their words.
type Outlines struct {
	Feeds   []Listed
	Topics  []ListedTopic
	Refused int  // places that name a feed and cannot be used
	Broken  bool // the list breaks off: what stood behind is not here
}

// ListedTopic is a topic that one of our own lists names.
type ListedTopic struct {
	Words   string
	Breadth string // a word of digest's; "" for the usual one
	Muted   bool
	Alerts  bool
}

// ListError tells a place in a list that cannot be used.
type ListError struct {
	Line   int    // from 1
	Read   string // what stands there, without credentials, shortened
	Reason string
}

// Error names line, what was read and what is wrong.
func (e *ListError) Error() string {
	return fmt.Sprintf("line %d: read %q: %s", e.Line, e.Read, e.Reason)
}

const (
	maxListBytes  = 10 << 20
	maxListed     = 10_000
	maxListErrors = 20
)

// ReadList reads OPML, or plain text with an address a line: # begins a comment,
// a name may follow the address after white space. An address that stands twice
// is listed once. What can be used is returned even with an error; the error
// joins a [ListError] for each bad place, at most 20. A list is at most 10 MiB
// and 10,000 feeds: ErrTooLarge.
func ReadList(r io.Reader) ([]Listed, error) {
	l, err := readList(r)
	if err != nil {
		l.bad = append(l.bad, err)
	}
	if all := errors.Join(l.bad...); all != nil {
		return l.feeds, fmt.Errorf("read list: %w", all)
	}
	return l.feeds, nil
}

// ReadOutlines reads a list as ReadList does, with its topics. Places that
// cannot be used are only counted; of a list that breaks off there is what stands
// before. One that is none, or beyond all bounds, is an error and yields nothing:
// ErrTooLarge, ErrNotList, ErrEmpty, ErrTooDeep, ErrTooComplex or ErrCharset.
func ReadOutlines(r io.Reader) (Outlines, error) {
	l, err := readList(r)
	if err != nil {
		return Outlines{}, fmt.Errorf("read outlines: %w", err)
	}
	return Outlines{l.feeds, l.topics, l.refused, l.broken}, nil
}

// readList reads a list as far as it goes. The error is what ended it.
func readList(r io.Reader) (*list, error) {
	l := &list{seen: map[string]bool{}}
	raw, err := io.ReadAll(&limitedReader{r: r, left: maxListBytes, limit: maxListBytes})
	if err != nil {
		return l, err
	}
	skipped := bytes.Count(raw[:len(raw)-len(bytes.TrimLeft(raw, "\ufeff \t\r\n"))], []byte("\n"))
	text, err := toUTF8(raw, "")
	if err != nil {
		return l, err
	}
	switch {
	case len(text) == 0:
		err = ErrEmpty
	case text[0] == '<':
		if m := prologPattern.FindIndex(text[:min(len(text), 1024)]); m != nil {
			blank(text[m[0]:m[1]]) // its encoding is no longer true
		}
		err = l.readOPML(text, skipped)
	default:
		err = l.readLines(string(text), skipped)
	}
	return l, err
}

// list is a list while it is read.
type list struct {
	feeds   []Listed
	topics  []ListedTopic
	seen    map[string]bool
	bad     []error
	refused int  // feeds, beyond those told in bad too
	broken  bool // it breaks off
}

func (l *list) readLines(text string, skipped int) error {
	n := skipped
	for row := range strings.SplitSeq(text, "\n") {
		n++
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		address, name := row, ""
		if i := strings.IndexAny(row, " \t"); i >= 0 {
			address, name = row[:i], row[i:]
		}
		if err := l.add(Listed{Name: line(name), Address: address}, n); err != nil {
			return err
		}
	}
	return nil
}

// add takes a feed into the list, or notes what is wrong with it.
func (l *list) add(f Listed, at int) error {
	u, err := parseAddress(f.Address)
	var e *Error
	if errors.As(err, &e) {
		read := clip(f.Address, 80)
		if i := strings.LastIndexByte(f.Address, '@'); i >= 0 {
			read = "…" + clip(f.Address[i:], 80)
		}
		l.refused++
		l.note(&ListError{Line: at, Read: read, Reason: e.Detail})
		return nil
	}
	f.Address = byRule(u.String())
	if l.seen[f.Address] {
		return nil
	}
	if len(l.feeds)+len(l.topics) == maxListed {
		return fmt.Errorf("%w: more than %d feeds", ErrTooLarge, maxListed)
	}
	l.seen[f.Address] = true
	l.feeds = append(l.feeds, f)
	return nil
}

func (l *list) note(e *ListError) {
	if len(l.bad) < maxListErrors {
		l.bad = append(l.bad, e)
	}
}

// blank makes spaces of what is no line end.
func blank(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}
