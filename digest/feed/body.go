package feed

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// freeBody is how large a body may become without asking for room, and
// largeBody how large when it asked once.
const (
	freeBody  = 64 << 10
	largeBody = 1 << 20
)

// readBody reads and decompresses a body. Never more than limit bytes are
// decoded or received, so a bomb costs no more than an honest document, and what
// a header announces is not believed. Room is asked for before the body outgrows
// freeBody and largeBody.
func (f *Fetcher) readBody(answer *http.Response, limit int64, room func(bytes int64) error) ([]byte, error) {
	encoding := strings.ToLower(strings.TrimSpace(answer.Header.Get("Content-Encoding")))
	if answer.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes announced, %d allowed", ErrTooLarge, answer.ContentLength, limit)
	}
	received := &limitedReader{r: answer.Body, left: limit, limit: limit}
	decoded, done, err := f.decompress(received, encoding)
	if err != nil {
		return nil, describe(err, encoding)
	}
	defer done()
	var b bytes.Buffer
	if encoding == "" && answer.ContentLength > 0 {
		b.Grow(int(min(answer.ContentLength, freeBody)) + bytes.MinRead)
	}
	all := &limitedReader{r: decoded, left: limit, limit: limit}
	for size, next := int64(freeBody), int64(largeBody); ; size, next = next, limit+1 {
		_, err := io.CopyN(&b, all, size-int64(b.Len()))
		switch {
		case err == io.EOF:
			return b.Bytes(), nil
		case err != nil:
			return nil, describe(err, encoding)
		}
		if err := room(min(next, limit)); err != nil {
			return nil, err
		}
		// All at once: to double it step by step would need twice as much. What of
		// it is never written costs nothing.
		b.Grow(int(min(next, limit)-size) + bytes.MinRead)
	}
}

// decompress undoes the one encoding that was applied. Servers disagree on what
// "deflate" means: RFC 9110 says zlib, some send the bare stream. Done gives
// back what it took.
func (f *Fetcher) decompress(r io.Reader, encoding string) (decoded io.Reader, done func(), err error) {
	nothing := func() {}
	switch encoding {
	case "", "identity":
		return r, nothing, nil
	case "gzip", "x-gzip":
		z, ok := f.unzippers.Get().(*gzip.Reader)
		if !ok {
			z = new(gzip.Reader)
		}
		if err := z.Reset(r); err != nil {
			return nil, nothing, err
		}
		return z, func() { f.unzippers.Put(z) }, nil
	case "deflate":
		br := bufio.NewReader(r)
		head, err := br.Peek(2)
		if err != nil {
			return nil, nothing, err
		}
		if head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 {
			decoded, err = zlib.NewReader(br)
			return decoded, nothing, err
		}
		return flate.NewReader(br), nothing, nil
	default:
		return nil, nothing, fmt.Errorf("%w: read %q, asked for gzip or deflate", ErrEncoding, clip(encoding, 40))
	}
}

// describe gives a failed read its meaning. Other errors are the connection's.
func describe(err error, encoding string) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrEncoding):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return ErrCutOff
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum),
		errors.Is(err, zlib.ErrHeader), errors.Is(err, zlib.ErrChecksum), errors.As(err, &corrupt):
		return fmt.Errorf("%w: it is not valid %s", ErrEncoding, encoding)
	}
	return err
}

// limitedReader fails with ErrTooLarge at the byte after the limit.
type limitedReader struct {
	r           io.Reader
	left, limit int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, l.limit)
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n - 1, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, l.limit)
	}
	return n, err
}

// clip cuts a text to at most n bytes at a rune's border.
func clip[T string | []byte](s T, n int) T {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
