package simulator

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // pictures are told by their bytes
	_ "image/png"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxCaption  = 1024
	maxPhoto    = 10 << 20
	maxDocument = 50 << 20
	maxDownload = 20 << 20 // of getFile
)

// Upload is a file that a person, or the bot, sends.
type Upload struct {
	Name string
	Type string // MIME; told from the name when empty
	Data []byte
}

// PhotoSize is one size of a picture.
type PhotoSize struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	FileSize     int64  `json:"file_size"`
}

// FileInfo is a document, a video or another file in a message.
type FileInfo struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileName     string `json:"file_name,omitempty"`
	MimeType     string `json:"mime_type,omitempty"`
	FileSize     int64  `json:"file_size"`
}

// Origin is where a forwarded message comes from.
type Origin struct {
	Type       string `json:"type"`
	Date       int64  `json:"date"`
	Chat       *Chat  `json:"chat,omitempty"`
	MessageID  int64  `json:"message_id,omitempty"`
	SenderUser *User  `json:"sender_user,omitempty"`
}

// file is one that was sent, under its file_id.
type file struct {
	Upload
	path string // of /file/bot<token>/
}

// keepFile stores a file and returns its id. s.mu is held.
func (s *Simulator) keepFile(u Upload, folder string) FileInfo {
	if u.Type == "" {
		u.Type, _, _ = mime.ParseMediaType(mime.TypeByExtension(path.Ext(u.Name)))
	}
	if u.Type == "" {
		u.Type = "application/octet-stream"
	}
	s.nextFile++
	number := strconv.Itoa(s.nextFile)
	id := "F" + strconv.FormatInt(s.me.ID, 36) + "-" + number
	s.files[id] = &file{Upload: u, path: folder + "/file_" + number + path.Ext(u.Name)}
	return FileInfo{FileID: id, FileUniqueID: "U" + number, FileName: u.Name, MimeType: u.Type, FileSize: int64(len(u.Data))}
}

// keepPhoto stores a picture. The error is what the server says to one that it
// cannot read or will not take.
func (s *Simulator) keepPhoto(u Upload) ([]PhotoSize, error) {
	c, kind, err := image.DecodeConfig(bytes.NewReader(u.Data))
	switch {
	case err != nil:
		return nil, bad("IMAGE_PROCESS_FAILED")
	case len(u.Data) > maxPhoto, c.Width+c.Height > 10000, c.Width > 20*c.Height, c.Height > 20*c.Width:
		return nil, bad("PHOTO_INVALID_DIMENSIONS")
	}
	u.Type = "image/" + kind
	f := s.keepFile(u, "photos")
	return []PhotoSize{{FileID: f.FileID, FileUniqueID: f.FileUniqueID, Width: c.Width, Height: c.Height, FileSize: f.FileSize}}, nil
}

func (s *Simulator) sendPhoto(q *query) (any, error) {
	return s.sendMedia(q, "photo", func(m *Message, u Upload) (err error) {
		m.Photo, err = s.keepPhoto(u)
		return err
	})
}

func (s *Simulator) sendDocument(q *query) (any, error) {
	return s.sendMedia(q, "document", func(m *Message, u Upload) error {
		if len(u.Data) > maxDocument {
			return errTooLarge
		}
		f := s.keepFile(u, "documents")
		m.Document = &f
		return nil
	})
}

func (s *Simulator) sendMedia(q *query, field string, put func(*Message, Upload) error) (any, error) {
	caption, err := s.readCaption(q.params)
	if err != nil {
		return nil, err
	}
	markup, err := readMarkup(q.params)
	if err != nil {
		return nil, err
	}
	u, given := q.files[field]
	if !given {
		if known := s.files[q.params[field]]; known != nil {
			u, given = known.Upload, true
		}
	}
	switch {
	case !given && q.params[field] != "":
		return nil, bad("wrong file identifier/HTTP URL specified")
	case !given:
		return nil, bad("there is no %s in the request", field)
	case len(u.Data) == 0:
		return nil, bad("file must be non-empty")
	}
	m := Message{Caption: caption.text, CaptionEntities: caption.entities, Markup: markup, HasProtected: q.params.flag("protect_content")}
	if err := put(&m, u); err != nil {
		return nil, err
	}
	kept, err := s.deliver(q, m, caption)
	if err != nil {
		return nil, err
	}
	return kept.Message, nil
}

// readCaption is readText for what stands under media, which may be nothing.
func (s *Simulator) readCaption(p params) (formatted, error) {
	if strings.TrimSpace(p["caption"]) == "" {
		return formatted{}, nil
	}
	return s.readText(params{"text": p["caption"], "entities": p["caption_entities"], "parse_mode": p["parse_mode"]})
}

// checkCaption refuses what is too long under media.
func (s *Simulator) checkCaption(f formatted) error {
	if n := utf8.RuneCountInString(f.text); n > maxCaption || s.cfg.Strict16 && length16(f.text) > maxCaption {
		return bad("message caption is too long")
	}
	return s.checkLength(f)
}

func (s *Simulator) getFile(q *query) (any, error) {
	id := q.params["file_id"]
	f := s.files[id]
	switch {
	case f == nil:
		return nil, bad("invalid file_id")
	case len(f.Data) > maxDownload:
		return nil, bad("file is too big")
	}
	return struct {
		FileID   string `json:"file_id"`
		FileSize int64  `json:"file_size"`
		FilePath string `json:"file_path"`
	}{id, int64(len(f.Data)), f.path}, nil
}

// serveFile answers /file/bot<token>/<path>.
func (s *Simulator) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, wanted, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	var found *file
	for _, f := range s.files {
		if f.path == wanted && token == s.cfg.Token {
			found = f
		}
	}
	s.mu.Unlock()
	if found == nil {
		write(w, nil, errNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(found.Data)
}

// serveMedia shows the chat page a file of a message. Only pictures are shown
// by the browser; everything else is saved.
func (s *Simulator) serveMedia(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.URL.Query().Get("file")]
	s.mu.Unlock()
	if f == nil {
		http.NotFound(w, r)
		return
	}
	if strings.HasPrefix(f.Type, "image/") && f.Type != "image/svg+xml" {
		w.Header().Set("Content-Type", f.Type)
	} else {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	w.Write(f.Data)
}

// File returns what was sent under a file id, as a person who opens it would
// have it.
func (s *Simulator) File(id string) (Upload, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	if f == nil {
		return Upload{}, fmt.Errorf("open file %q: %w", id, ErrNoMessage)
	}
	return f.Upload, nil
}

// readFiles takes the files of a multipart request.
func readFiles(r *http.Request) (map[string]Upload, error) {
	files := map[string]Upload{}
	for field, headers := range r.MultipartForm.File {
		part, err := headers[0].Open()
		if err != nil {
			return nil, bodyError(err)
		}
		data, err := io.ReadAll(part)
		part.Close()
		if err != nil {
			return nil, bodyError(err)
		}
		files[field] = Upload{Name: headers[0].Filename, Data: data}
	}
	return files, nil
}

// hasMedia says whether a message is more than its text.
func (m *Message) hasMedia() bool { return len(m.Photo) > 0 || m.Document != nil }
