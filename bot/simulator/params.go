package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// What a request may hold: without files, and with them.
const (
	maxBody   = 1 << 20
	maxUpload = maxDocument + maxBody
)

// params are a request's parameters by name, the values as text: what is not
// a string in a JSON body stays JSON text.
type params map[string]string

// readParams gathers query, form, multipart and JSON parameters, and the files
// of multipart; the body wins over the query.
func readParams(r *http.Request) (p params, files map[string]Upload, err error) {
	p = params{}
	for name, values := range r.URL.Query() {
		p[name] = values[len(values)-1]
	}
	if r.Body == nil || r.Method == http.MethodGet {
		return p, nil, nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	limit := int64(maxBody)
	if kind == "multipart/form-data" {
		limit = maxUpload
	}
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	switch kind {
	case "application/json":
		return p, nil, readJSON(p, r.Body)
	case "multipart/form-data":
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return p, nil, bodyError(err)
		}
		defer r.MultipartForm.RemoveAll()
		if files, err = readFiles(r); err != nil {
			return p, nil, err
		}
	default:
		if err := r.ParseForm(); err != nil {
			return p, nil, bodyError(err)
		}
	}
	for name, values := range r.PostForm {
		p[name] = values[0]
	}
	return p, files, nil
}

func readJSON(p params, body io.Reader) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return bodyError(err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return bad("can't parse JSON object")
	}
	for name, value := range object {
		var text string
		switch {
		case json.Unmarshal(value, &text) == nil && string(value) != "null":
			p[name] = text
		case string(value) != "null":
			p[name] = string(value)
		}
	}
	return nil
}

func bodyError(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errTooLarge
	}
	return bad("can't parse request")
}

// integer reads a number clamped to lo…hi, as the server does; text that is no
// number counts as absent.
func (p params) integer(name string, absent, lo, hi int64) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(p[name]), 10, 64)
	if err != nil {
		return absent
	}
	return min(max(n, lo), hi)
}

func (p params) id(name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(p[name]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (p params) flag(name string) bool {
	switch strings.ToLower(strings.TrimSpace(p[name])) {
	case "true", "1", "yes":
		return true
	}
	return false
}
