package digest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
	"unsafe"
)

// A MatcherPiece is a piece of a Matcher's image: of the matcher as it lies in memory,
// kept on the shelf so that a joiner that starts need not read a million topics and put
// one after the other into tables.
type MatcherPiece struct {
	Part  int
	Piece int    // of its part, from 0
	Bytes []byte // none: neither this piece nor those behind it are there
}

// Parts of an image. The cover is written last and taken away first: without it there is
// no image.
const (
	coverPart = iota
	topicsPart
	wordsPart
	lettersPart // alone has words in letters, as the cover has hosts
	wakesPart
	orderPart // of each topic its id (two), and what ids has of it; in the order of the ids
	imageParts

	orderRun  = 3  // numbers
	mostParts = 16 // that an image of any build has
)

const (
	imageBatch  = 1 << 20          // bytes that are written in one transaction
	imageBehind = 10_000           // topics that came or went since an image, until it is written anew
	imageAgain  = 10 * time.Minute // after it could not be written
)

// An imageCover says what an image consists of.
type imageCover struct {
	Program string
	Pieces  [imageParts]int
	Free    [imageParts]map[int][]uint32
	About   map[subjects][]uint32
	Narrow  map[uint32]string
}

// errNoImage says that what is on the shelf is no image that this program may use.
var errNoImage = errors.New("no image of this program")

// An imaged is an arena of any values.
type imaged interface {
	count() int           // of pieces
	raw(piece int) []byte // to be looked at only
	addRaw(raw []byte) bool
	holes() map[int][]uint32
	setHoles(free map[int][]uint32)
}

func (a *arena[T]) count() int                     { return len(a.pieces) }
func (a *arena[T]) raw(piece int) []byte           { return bytesOf(a.pieces[piece]) }
func (a *arena[T]) holes() map[int][]uint32        { return a.free }
func (a *arena[T]) setHoles(free map[int][]uint32) { a.free = free }

func (a *arena[T]) addRaw(raw []byte) bool {
	size := int(unsafe.Sizeof(*new(T)))
	piece := make([]T, len(raw)/size)
	a.pieces = append(a.pieces, piece)
	return copy(bytesOf(piece), raw) == len(raw)
}

// bytesOf returns the memory of values, which have no pointers. What they mean, their
// order of bytes too, belongs to one build of the program, as an image does.
func bytesOf[T any](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(*new(T))))
}

// arenas returns what an image has besides its cover, by parts.
func (m *Matcher) arenas(order *arena[uint32]) [imageParts]imaged {
	return [imageParts]imaged{topicsPart: &m.topics, wordsPart: &m.words, lettersPart: &m.letters, wakesPart: &m.wakes, orderPart: order}
}

// sealed is how many bytes stand before those of a piece: the stamp of its image and a
// checksum.
const sealed = 8 + 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealPiece makes a piece of the image with a stamp.
func sealPiece(stamp uint64, part, piece int, raw []byte) MatcherPiece {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, sealed+len(raw)), stamp)
	b = binary.LittleEndian.AppendUint32(b, checksum(stamp, part, piece, raw))
	return MatcherPiece{Part: part, Piece: piece, Bytes: append(b, raw...)}
}

// unsealPiece returns what a piece holds and its image's stamp; false when it is torn or
// stands in another's place.
func unsealPiece(p MatcherPiece) (raw []byte, stamp uint64, ok bool) {
	if len(p.Bytes) < sealed {
		return nil, 0, false
	}
	stamp, raw = binary.LittleEndian.Uint64(p.Bytes), p.Bytes[sealed:]
	return raw, stamp, binary.LittleEndian.Uint32(p.Bytes[8:]) == checksum(stamp, p.Part, p.Piece, raw)
}

func checksum(stamp uint64, part, piece int, raw []byte) uint32 {
	var head [24]byte
	for i, n := range []uint64{stamp, uint64(part), uint64(piece)} {
		binary.LittleEndian.PutUint64(head[8*i:], n)
	}
	return crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, raw)
}

// image saves an image of m with the known topics, of which nobody may change any
// meanwhile. What was removed from m is not in it.
func (m *Matcher) image(program string, stamp uint64, known []TopicID, save func(...MatcherPiece) error) error {
	cover := imageCover{Program: program, About: m.about, Narrow: make(map[uint32]string)}
	for place, n := range m.narrow {
		cover.Narrow[place] = n.text()
	}
	var order arena[uint32]
	for _, id := range known {
		if n, _, ok := m.locate(id); ok {
			copy(order.at(order.add(orderRun)), []uint32{uint32(id), uint32(id >> 32), n})
		}
	}
	if err := save(MatcherPiece{Part: coverPart}); err != nil {
		return err
	}
	last, batch, size := emptyImage()[imageParts:], []MatcherPiece(nil), 0
	for part, a := range m.arenas(&order) {
		if a == nil {
			continue
		}
		for piece := range a.count() {
			p := sealPiece(stamp, part, piece, a.raw(piece))
			if size += len(p.Bytes); size > imageBatch && len(batch) > 0 {
				if err := save(batch...); err != nil {
					return err
				}
				batch, size = nil, len(p.Bytes)
			}
			batch = append(batch, p)
		}
		cover.Pieces[part], cover.Free[part] = a.count(), a.holes()
		last = append(last, MatcherPiece{Part: part, Piece: a.count()})
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(cover); err != nil {
		return err
	}
	if err := save(batch...); err != nil {
		return err
	}
	return save(append(last, sealPiece(stamp, coverPart, 0, b.Bytes()))...)
}

// An imageReader makes a matcher of the pieces of an image, which come in order.
type imageReader struct {
	program func() string
	stamp   uint64 // 0 before the cover
	cover   imageCover
	m       *Matcher
	order   arena[uint32]
}

// take takes the next piece.
func (r *imageReader) take(p MatcherPiece) error {
	raw, stamp, ok := unsealPiece(p)
	switch {
	case !ok || stamp == 0:
		return fmt.Errorf("%w: piece %d of part %d is damaged", errNoImage, p.Piece, p.Part)
	case r.stamp == 0 && p.Part == coverPart:
		if err := gob.NewDecoder(bytes.NewReader(raw)).Decode(&r.cover); err != nil {
			return fmt.Errorf("%w: %w", errNoImage, err)
		}
		if r.cover.Program == "" || r.cover.Program != r.program() {
			return fmt.Errorf("%w: it is another build's", errNoImage)
		}
		r.stamp, r.m = stamp, NewMatcher()
		return nil
	case stamp != r.stamp || p.Part <= coverPart || p.Part >= imageParts:
		return fmt.Errorf("%w: piece %d of part %d is another image's", errNoImage, p.Piece, p.Part)
	}
	a := r.m.arenas(&r.order)[p.Part]
	if p.Piece != a.count() || p.Piece >= r.cover.Pieces[p.Part] || !a.addRaw(raw) {
		return fmt.Errorf("%w: piece %d of part %d does not fit", errNoImage, p.Piece, p.Part)
	}
	return nil
}

// matcher returns the matcher when all pieces were taken, and the ids of its topics, which
// rise.
func (r *imageReader) matcher() (*Matcher, []TopicID, error) {
	m := r.m
	for part, a := range m.arenas(&r.order) {
		if a == nil {
			continue
		}
		if a.count() != r.cover.Pieces[part] {
			return nil, nil, fmt.Errorf("%w: of part %d there are %d pieces, not %d", errNoImage, part, a.count(), r.cover.Pieces[part])
		}
		a.setHoles(r.cover.Free[part])
	}
	if r.cover.About != nil {
		m.about = r.cover.About
	}
	var words sync.WaitGroup
	words.Go(m.findWords)
	defer words.Wait()
	ids := make([]TopicID, 0, r.order.len()/orderRun)
	m.ids.reserve(cap(ids))
	for _, piece := range r.order.pieces {
		for x := range slices.Chunk(piece, orderRun) {
			ids = append(ids, idOf(x))
			m.ids.add(m.ids.hashOf(uint64(idOf(x))), x[2])
		}
	}
	if len(ids) > 0 {
		m.newest = ids[len(ids)-1]
	}
	read := make(map[string]*narrowing)
	for place, text := range r.cover.Narrow {
		if read[text] == nil {
			t, err := ParseTopic("x " + text)
			if err != nil || t.narrow == nil {
				return nil, nil, fmt.Errorf("%w: %q narrows no topic", errNoImage, text)
			}
			read[text] = t.narrow
		}
		m.narrow[place] = read[text]
	}
	return m, ids, nil
}

// findWords makes the words of a matcher's arena findable.
func (m *Matcher) findWords() {
	m.forms.reserve(int(m.words.len()))
	for n := range m.words.len() {
		if w := m.word(n); w.refs() > 0 {
			m.forms.add(m.forms.hash(string(m.lettersOf(w))), n)
		}
	}
}

// A keptImage is what the joiner knows of the image on the shelf.
type keptImage struct {
	program func() string // nil: none is kept
	stamp   uint64        // 0: there is none
	letters int           // pieces
	behind  int           // topics that came or went since
	most    int           // of these
	again   time.Time     // not before
}

// KeepsImages lets j keep an image of its matcher on the shelf and begin with it; to be
// called before Run. Program tells the build of the program from all others, "" if it
// cannot: what an image means is known only to the one that wrote it. It is asked when
// there are enough topics to be worth it.
func (j *Joiner) KeepsImages(program func() string) *Joiner {
	j.image.program = program
	return j
}

// reload takes the matcher from its image, and holds it against the shelf: what nobody
// follows any more is let go, and what is not in it comes with the topics after the known
// ones. It returns the few that do not, to be filled. Where the image is not right the
// matcher stays empty, and all topics are read as if there were none.
func (j *Joiner) reload(ctx context.Context) ([]KnownTopic, error) {
	j.image.stamp, j.image.behind, j.image.again = 0, 0, time.Time{}
	if j.image.program == nil {
		return nil, nil
	}
	r, ids := imageReader{program: j.image.program}, make(chan topicIDs, 1)
	err := j.shelf.MatcherPieces(ctx, func(p MatcherPiece) error {
		err := r.take(p)
		if err == nil && p.Part == coverPart {
			go func() { ids <- j.allIDs(ctx) }()
		}
		return err
	})
	var kept topicIDs
	if r.stamp != 0 {
		kept = <-ids
	}
	var topics []KnownTopic
	if err = cmp.Or(err, kept.err); err == nil && r.stamp != 0 {
		topics, err = j.compare(ctx, &r, kept.ids)
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		j.log.Info("the topics are read one by one: their image is not used", "err", err)
		j.image.behind = j.image.most // to be written anew
	}
	return topics, nil
}

// topicIDs are the ids of all topics on the shelf.
type topicIDs struct {
	ids []TopicID
	err error
}

func (j *Joiner) allIDs(ctx context.Context) (all topicIDs) {
	for after := TopicID(0); ; after = all.ids[len(all.ids)-1] {
		ids, err := j.shelf.TopicIDsAfter(ctx, after, idsAtOnce)
		all.ids, all.err = append(all.ids, ids...), err
		if err != nil || len(ids) < idsAtOnce {
			return all
		}
	}
}

// compare makes j's matcher that of an image, as far as it has what is kept.
func (j *Joiner) compare(ctx context.Context, r *imageReader, kept []TopicID) ([]KnownTopic, error) {
	m, ids, err := r.matcher()
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 {
		newer, _ := slices.BinarySearch(kept, ids[len(ids)-1]+1)
		kept = kept[:newer]
	} else {
		kept = nil
	}
	gone, unknown := compareTopics(ids, kept)
	if len(gone)+len(unknown) > len(ids)/2+j.image.most {
		return nil, fmt.Errorf("%w: %d of its %d topics are not kept, and %d others are", errNoImage, len(gone), len(ids), len(unknown))
	}
	topics, err := j.topicsOf(ctx, unknown)
	if err != nil {
		return nil, err
	}
	for _, id := range gone {
		m.Remove(id)
	}
	j.matcher, j.known = m, kept
	j.image.stamp, j.image.letters = r.stamp, r.cover.Pieces[lettersPart]
	j.image.behind = len(gone)
	j.add(topicPage{topics: topics, read: readTopics(topics)})
	return topics, nil
}

// keepImage writes the image on the shelf anew when it is far behind and nothing waits to
// be joined; and takes words out of it as soon as they are no topic's any more: what a
// reader typed does not outlive its last reader. That it cannot be written is no reason to
// stop.
func (j *Joiner) keepImage(ctx context.Context, idle bool) error {
	i := &j.image
	if i.program == nil || j.now().Before(i.again) {
		return nil
	}
	var err error
	switch {
	case idle && (i.behind >= i.most || i.stamp != 0 && j.matcher.outdated):
		err = j.writeImage(ctx)
	case i.stamp != 0 && !j.matcher.outdated && len(j.matcher.wiped) > 0:
		err = j.shelf.SaveMatcherPieces(ctx, j.wipedPieces()...)
	default:
		return nil
	}
	if err == nil {
		j.matcher.wiped, j.matcher.outdated = nil, false
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	j.log.Warn("the image of the topics is not kept", "err", err)
	i.again = j.now().Add(imageAgain)
	return nil
}

// writeImage writes the image anew. Cut off, it leaves none, but pieces in which forgotten
// words may stand: it is behind then, until it is written to its end.
func (j *Joiner) writeImage(ctx context.Context) error {
	i, program, stamp := &j.image, j.image.program(), rand.Uint64()|1
	i.stamp, i.behind = 0, max(i.behind, i.most)
	var err error
	if program == "" {
		stamp, err = 0, j.shelf.SaveMatcherPieces(ctx, emptyImage()...)
	} else {
		err = j.matcher.image(program, stamp, j.known, func(pieces ...MatcherPiece) error {
			return j.shelf.SaveMatcherPieces(ctx, pieces...)
		})
	}
	if err == nil {
		i.stamp, i.letters, i.behind = stamp, j.matcher.letters.count(), 0
	}
	return err
}

// emptyImage is what takes an image off the shelf.
func emptyImage() (pieces []MatcherPiece) {
	for part := range mostParts {
		pieces = append(pieces, MatcherPiece{Part: part})
	}
	return pieces
}

// wipedPieces returns those pieces of the image in which words stood that are forgotten,
// as they are now. A word that is there still stands where it stood; whatever else they
// have by now, the image has only for topics that are gone, which reload lets go. A topic
// that came back could have its words elsewhere: then the image must be written anew.
func (j *Joiner) wipedPieces() (pieces []MatcherPiece) {
	for piece := range j.matcher.wiped {
		if piece < j.image.letters {
			pieces = append(pieces, sealPiece(j.image.stamp, lettersPart, piece, j.matcher.letters.raw(piece)))
		}
	}
	return pieces
}
