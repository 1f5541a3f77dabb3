package feed

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// prologPattern finds the XML declaration at the start of a document, or behind
// what should not stand before it; its submatch is the encoding's name.
var prologPattern = regexp.MustCompile(`<\?xml\b[^>]{0,200}?(?:encoding\s*=\s*["']([^"']{0,64})["'][^>]{0,200}?)?\?>`)

// toUTF8 gives the document in UTF-8, without byte order mark, free of characters XML forbids, trimmed. A byte order mark
// decides; then the HTTP header; then the declaration. A name nobody knows is
// ErrCharset, unless the other place names a known one or the bytes are valid
// UTF-8. Bytes outweigh names:
//   - what is declared as something else but is valid UTF-8 beyond ASCII is UTF-8;
//   - what is declared as UTF-8 but is not is what its bytes look like, mostly
//     windows-1252, except when most of it is UTF-8: then the bad bytes become U+FFFD.
//
// What would be longer than 10 MiB then is ErrTooLarge. The result is the body
// itself when there is nothing to change.
func toUTF8(body []byte, contentType string) ([]byte, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\x00\x00\xFE\xFF")), bytes.HasPrefix(body, []byte("\x00\x00\x00<")), bytes.HasPrefix(body, []byte("\x00\x00\x00{")):
		return decodeWith(utf32.UTF32(utf32.BigEndian, utf32.UseBOM), body)
	case bytes.HasPrefix(body, []byte("\xFF\xFE\x00\x00")), bytes.HasPrefix(body, []byte("<\x00\x00\x00")), bytes.HasPrefix(body, []byte("{\x00\x00\x00")):
		return decodeWith(utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), body)
	case bytes.HasPrefix(body, []byte("\x4C\x6F\xA7\x94")): // "<?xm" as mainframes write it
		return decodeWith(charmap.CodePage037, body)
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		return cleanUTF8(body[3:])
	case bytes.HasPrefix(body, []byte("\xFE\xFF")), bytes.HasPrefix(body, []byte("\x00<\x00")), bytes.HasPrefix(body, []byte("\x00{\x00")):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), body)
	case bytes.HasPrefix(body, []byte("\xFF\xFE")), bytes.HasPrefix(body, []byte("<\x00")), bytes.HasPrefix(body, []byte("{\x00")):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), body)
	}
	valid := utf8.Valid(body)
	enc, name := declaredEncoding(body, contentType)
	switch {
	case enc == nil && !valid:
		return nil, fmt.Errorf("%w: read %q", ErrCharset, clip(name, 40))
	case valid && !escaping[name], enc == nil, name == "utf-8", strings.HasPrefix(name, "utf-16"):
		// Bytes without a mark that look like text cannot be UTF-16.
		return cleanUTF8(body)
	}
	return decodeWith(enc, body)
}

// escaping encodings write every character with bytes of ASCII, so such bytes
// do not prove that a name is wrong.
var escaping = map[string]bool{"iso-2022-jp": true, "hz-gb-2312": true}

// declaredEncoding finds the first known encoding that the header or the
// declaration names; UTF-8 when neither names one, none with a name when that is
// unknown.
func declaredEncoding(body []byte, contentType string) (encoding.Encoding, string) {
	var names []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil || params != nil {
		names = append(names, params["charset"])
	} else if m := charsetPattern.FindStringSubmatch(contentType); m != nil {
		names = append(names, m[1])
	}
	if m := prologPattern.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
		names = append(names, string(m[1]))
	}
	unknown := ""
	for _, n := range names {
		if n = strings.ToLower(strings.Trim(n, " \t'\"")); n == "" {
			continue
		}
		if enc, canonical := lookUp(n); enc != nil {
			return enc, canonical
		}
		unknown = cmp.Or(unknown, n)
	}
	if unknown != "" {
		return nil, unknown
	}
	return unicode.UTF8, "utf-8"
}

// charsetPattern finds the name in a header that breaks the rules.
var charsetPattern = regexp.MustCompile(`(?i)charset\s*=\s*["']?([\w.:-]+)`)

// lookUp finds an encoding as browsers do, then among all that are registered.
func lookUp(name string) (encoding.Encoding, string) {
	if name == "hz-gb-2312" || name == "hz" {
		return simplifiedchinese.HZGB2312, "hz-gb-2312"
	}
	// "replacement" is the standard's name for encodings that no browser decodes
	// any more (WHATWG Encoding §4.3).
	if enc, canonical := charset.Lookup(name); enc != nil && canonical != "replacement" {
		return enc, canonical
	}
	if enc, err := ianaindex.IANA.Encoding(name); err == nil && enc != nil {
		return enc, name
	}
	return nil, ""
}

// decodeWith makes one allocation, of which only what is written costs memory.
func decodeWith(enc encoding.Encoding, body []byte) ([]byte, error) {
	b := make([]byte, min(3*len(body)+utf8.UTFMax, maxDecoded))
	n, _, err := enc.NewDecoder().Transform(b, body, true)
	switch {
	case errors.Is(err, transform.ErrShortDst):
		return nil, fmt.Errorf("%w: more than %d bytes of UTF-8", ErrTooLarge, maxDecoded)
	case err != nil:
		return nil, fmt.Errorf("%w: %v", ErrBroken, err)
	}
	return clean(b[:n])
}

func cleanUTF8(body []byte) ([]byte, error) {
	if utf8.Valid(body) {
		return clean(body)
	}
	if mostlyStray(body) {
		return decodeWith(GuessEncoding(body), body)
	}
	return clean(bytes.ToValidUTF8(body, []byte("\uFFFD")))
}

// mostlyStray counts whole sequences against stray bytes: so a document in
// another set that claims to be UTF-8 is told from a damaged one.
func mostlyStray(body []byte) bool {
	whole, stray := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && n == 1 {
			stray++
		} else {
			whole++
		}
		i += n
	}
	return stray > whole
}

// clean gives valid UTF-8 without what no text has: control characters, U+FFFE
// and U+FFFF, and numeric references to them; trimmed. The control characters
// from U+0080 to U+009F are letters and quotes of windows-1252 whose bytes were
// taken for their numbers; browsers read references to them so. b itself is not
// changed.
func clean(b []byte) ([]byte, error) {
	b = bytes.TrimPrefix(bytes.TrimSpace(b), []byte("\uFEFF"))
	var out []byte
	from := 0 // what begins here is to be copied
	for i := 0; i < len(b); {
		n, instead := unfitAt(b[i:])
		if n == 0 {
			i++
			continue
		}
		if out == nil {
			out = make([]byte, 0, min(3*len(b)/2+utf8.UTFMax, maxDecoded))
		}
		if len(out)+i-from+utf8.UTFMax > maxDecoded {
			return nil, fmt.Errorf("%w: more than %d bytes of UTF-8", ErrTooLarge, maxDecoded)
		}
		out = append(out, b[from:i]...)
		if instead != 0 {
			out = utf8.AppendRune(out, instead)
		}
		i += n
		from = i
	}
	if out == nil {
		return bytes.TrimSpace(b), nil
	}
	if len(out)+len(b)-from > maxDecoded {
		return nil, fmt.Errorf("%w: more than %d bytes of UTF-8", ErrTooLarge, maxDecoded)
	}
	return bytes.TrimSpace(append(out, b[from:]...)), nil
}

// unfitAt gives the length of what no text has at the beginning of b, 0 when it
// is fit, and what stands there instead, 0 for nothing.
func unfitAt(b []byte) (length int, instead rune) {
	switch c := b[0]; {
	case c == '&':
		return badReference(b), 0
	case c < 0x20 && c != '\t' && c != '\n' && c != '\r':
		return 1, 0
	case c == 0xEF && len(b) > 2 && b[1] == 0xBF && b[2] >= 0xBE:
		return 3, 0
	case c == 0xC2 && len(b) > 1 && b[1] < 0xA0 && b[1] != 0x85:
		return 2, charmap.Windows1252.DecodeByte(b[1])
	}
	return 0, 0
}

// badReference gives the length of a numeric character reference at the start
// of b that XML forbids (XML 1.0 §4.1), or 0.
func badReference(b []byte) int {
	if len(b) < 4 || b[1] != '#' {
		return 0
	}
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 3 {
		return 0
	}
	digits, base := string(b[2:end]), 10
	if digits[0] == 'x' || digits[0] == 'X' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0
	}
	if n == '\t' || n == '\n' || n == '\r' || n >= 0x20 && n <= 0xD7FF ||
		n >= 0xE000 && n <= 0xFFFD || n >= 0x10000 && n <= 0x10FFFF {
		return 0
	}
	return end + 1
}
