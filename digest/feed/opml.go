package feed

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readOPML reads outlines as they come, so that those before a break are kept.
// An outline without xmlUrl is a folder: its text is the subject of what stands
// in it. skipped is the number of lines cut off before b.
func (l *list) readOPML(b []byte, skipped int) error {
	in := &tagReader{b: b}
	d := xml.NewDecoder(in)
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var folders []string // one for each open element
	root := false
	for {
		in.begin(int(d.InputOffset()))
		t, err := d.Token()
		at, _ := d.InputPos()
		at += skipped
		switch {
		case errors.Is(err, ErrTooComplex):
			return err
		case errors.Is(err, io.EOF) && root:
			l.broken = len(folders) > 0
			return nil
		case err != nil && root:
			l.broken = true
			l.note(&ListError{Line: at, Read: lastLine(b, d.InputOffset()), Reason: "the list breaks off here"})
			return nil
		case err != nil:
			return ErrNotList
		}
		switch t := t.(type) {
		case xml.StartElement:
			if !root && !strings.EqualFold(t.Name.Local, "opml") {
				return notList(t.Name.Local)
			}
			root = true
			if len(folders) >= maxDepth {
				return fmt.Errorf("%w: more than %d outlines", ErrTooDeep, maxDepth)
			}
			folder, err := l.readOutline(t, folders, at)
			if err != nil {
				return err
			}
			folders = append(folders, folder)
		case xml.EndElement:
			folders = folders[:max(len(folders)-1, 0)]
		}
	}
}

// notList says what a document is, by its root element, instead of a list.
func notList(root string) error {
	switch strings.ToLower(root) {
	case "rss", "rdf", "feed":
		return fmt.Errorf("%w: it is a feed itself; its address belongs in the list", ErrNotList)
	case "html":
		return fmt.Errorf("%w: it is a web page", ErrNotList)
	}
	return fmt.Errorf("%w: its root element is %q", ErrNotList, clip(root, 40))
}

// readOutline lists the feed an outline stands for and gives the subject of what
// stands in it.
func (l *list) readOutline(t xml.StartElement, folders []string, at int) (string, error) {
	subject := ""
	if n := len(folders); n > 0 {
		subject = folders[n-1]
	}
	if !strings.EqualFold(t.Name.Local, "outline") {
		return subject, nil
	}
	a := map[string]string{}
	for _, attr := range t.Attr {
		a[strings.ToLower(attr.Name.Local)] = strings.TrimSpace(attr.Value)
	}
	name := line(cmp.Or(a["title"], a["text"]))
	muted := strings.EqualFold(a["muted"], "true")
	switch {
	case a["xmlurl"] == "" && strings.EqualFold(a["type"], "topic"):
		if len(l.feeds)+len(l.topics) == maxListed {
			return "", fmt.Errorf("%w: more than %d outlines", ErrTooLarge, maxListed)
		}
		l.topics = append(l.topics, ListedTopic{Words: clip(cmp.Or(a["text"], a["title"]), maxSmallField), Breadth: strings.ToLower(clip(a["breadth"], maxSmallField)), Muted: muted, Alerts: strings.EqualFold(a["alerts"], "true")})
		return subject, nil
	case a["xmlurl"] == "":
		return cmp.Or(name, subject), nil
	}
	return subject, l.add(Listed{
		Name:     name,
		Address:  a["xmlurl"],
		Home:     webLink(nil, a["htmlurl"]),
		Language: clip(a["language"], 35),
		Subject:  cmp.Or(subject, line(a["category"])),
		Muted:    muted,
	}, at)
}

// lastLine is the beginning of the line that holds the place.
func lastLine(b []byte, at int64) string {
	head := string(b[:min(int64(len(b)), at)])
	head = strings.TrimRight(head, "\r\n")
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[i+1:]
	}
	if i := strings.LastIndexByte(head, '@'); i >= 0 {
		head = "…" + head[i:]
	}
	return clip(strings.TrimSpace(head), 80)
}

// WriteOPML lists feeds and topics as OPML 2.0 that ReadOutlines, and as far as
// feeds go every feed reader, reads. Characters that XML cannot hold are left
// out.
func WriteOPML(w io.Writer, title string, o Outlines) error {
	type outline struct {
		Type     string    `xml:"type,attr,omitempty"`
		Text     string    `xml:"text,attr"`
		Address  string    `xml:"xmlUrl,attr,omitempty"`
		Home     string    `xml:"htmlUrl,attr,omitempty"`
		Language string    `xml:"language,attr,omitempty"`
		Category string    `xml:"category,attr,omitempty"`
		Breadth  string    `xml:"breadth,attr,omitempty"`
		Muted    bool      `xml:"muted,attr,omitempty"`
		Alerts   bool      `xml:"alerts,attr,omitempty"`
		Within   []outline `xml:"outline"`
	}
	document := struct {
		XMLName  xml.Name  `xml:"opml"`
		Version  string    `xml:"version,attr"`
		Title    string    `xml:"head>title"`
		Outlines []outline `xml:"body>outline"`
	}{Version: "2.0", Title: title}
	for _, f := range o.Feeds {
		document.Outlines = append(document.Outlines, outline{
			Type: "rss", Text: cmp.Or(f.Name, f.Address), Address: f.Address, Home: f.Home, Language: f.Language, Category: f.Subject, Muted: f.Muted,
		})
	}
	for _, t := range o.Topics {
		document.Outlines = append(document.Outlines, outline{Type: "topic", Text: t.Words, Breadth: t.Breadth, Muted: t.Muted, Alerts: t.Alerts})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write outlines: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(document); err != nil {
		return fmt.Errorf("write outlines: %w", err)
	}
	return nil
}

// tagReader feeds the tokenizer and fails inside a tag that is too long, before
// its attributes fill the memory.
type tagReader struct {
	b     []byte
	at    int
	limit int
}

// begin is called before each token, with the place where it begins.
func (r *tagReader) begin(at int) {
	r.limit = len(r.b)
	if at+1 < len(r.b) && r.b[at] == '<' && r.b[at+1] != '!' && r.b[at+1] != '?' {
		r.limit = min(len(r.b), at+maxTag)
	}
}

func (r *tagReader) ReadByte() (byte, error) {
	if r.at >= r.limit {
		return 0, r.stop()
	}
	c := r.b[r.at]
	r.at++
	return c, nil
}

func (r *tagReader) Read(p []byte) (int, error) {
	if r.at >= r.limit {
		return 0, r.stop()
	}
	n := copy(p, r.b[r.at:r.limit])
	r.at += n
	return n, nil
}

func (r *tagReader) stop() error {
	if r.at < len(r.b) {
		return fmt.Errorf("%w: a tag of more than %d bytes", ErrTooComplex, maxTag)
	}
	return io.EOF
}
