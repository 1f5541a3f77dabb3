package feed

import (
	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// guessedBytes of a document are looked at to guess its character set.
const guessedBytes = 64 << 10

// GuessEncoding tells the character set of a document by its bytes, when nothing names
// it or what is named is wrong: that of a script other than Latin where letters beyond
// ASCII follow each other, as they do in words; else windows-1252, in which they stand
// alone.
func GuessEncoding(body []byte) encoding.Encoding {
	from := 0
	for from < len(body) && body[from] < 0x80 { // what is beyond ASCII may begin far behind
		from++
	}
	sample := body[max(0, from-256):]
	sample = sample[:min(len(sample), guessedBytes)]
	high, runs := 0, 0
	for i, c := range sample {
		if c < 0x80 {
			continue
		}
		if high++; i > 0 && sample[i-1] >= 0x80 {
			runs++
		}
	}
	if high < fewestGuessed || 2*runs < high {
		return charmap.Windows1252
	}
	found, err := chardet.NewHtmlDetector().DetectBest(sample)
	if err != nil || found.Charset == "UTF-8" || found.Charset == "ISO-8859-1" {
		return charmap.Windows1252
	}
	name := found.Charset
	if name == "GB-18030" {
		name = "gb18030"
	}
	if known, _ := charset.Lookup(name); known != nil && known != encoding.Replacement {
		return known
	}
	return charmap.Windows1252
}

const fewestGuessed = 16 // bytes beyond ASCII
