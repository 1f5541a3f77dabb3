package feed

import (
	"fmt"
	"slices"
)

// guardJSON counts depth, values and items of a JSON document without decoding
// it, and closes a broken one after its last whole item. It judges shape only;
// the decoder judges the rest.
func guardJSON(b []byte) (guarded, error) {
	var s jsonScan
	for i, c := range b {
		if err := s.step(i, c); err != nil {
			return guarded{}, err
		}
		if s.done {
			return guarded{kind: kindJSON, body: b[:i+1]}, nil
		}
		if s.items >= maxScanned {
			break
		}
	}
	if s.end == 0 {
		return guarded{}, fmt.Errorf("%w: before its first whole item", ErrBroken)
	}
	body := append(slices.Clone(b[:s.end]), "]}"...)
	return guarded{kind: kindJSON, body: body, truncated: s.items < maxScanned}, nil
}

// jsonScan is the state of guardJSON.
type jsonScan struct {
	open           []byte // { and [ that wait for their end
	quoted, escape bool
	values         int
	items          int // objects directly in an array of the document
	end            int // where the last of them ends
	done           bool
}

func (s *jsonScan) step(i int, c byte) error {
	if s.quoted {
		switch {
		case s.escape:
			s.escape = false
		case c == '\\':
			s.escape = true
		case c == '"':
			s.quoted = false
		}
		return nil
	}
	switch c {
	case '"':
		s.quoted = true
	case ',':
		if s.values++; s.values > maxElements {
			return fmt.Errorf("%w: more than %d values", ErrTooComplex, maxElements)
		}
	case '{', '[':
		if len(s.open) >= maxDepth {
			return fmt.Errorf("%w: more than %d values", ErrTooDeep, maxDepth)
		}
		s.open = append(s.open, c)
	case '}', ']':
		if len(s.open) == 0 {
			return nil
		}
		s.open = s.open[:len(s.open)-1]
		if c == '}' && string(s.open) == "{[" {
			s.items++
			s.end = i + 1
		}
		s.done = len(s.open) == 0
	}
	return nil
}
