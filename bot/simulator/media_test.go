package simulator

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// picture is a PNG of a size.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sendFile uploads a file as the bot.
func sendFile(t *testing.T, s *Simulator, method, field, name string, data []byte, pairs ...string) reply {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		form.WriteField(pairs[i], pairs[i+1])
	}
	if field != "" {
		part, err := form.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(data)
	}
	form.Close()
	r := httptest.NewRequest("POST", "/bot"+token+"/"+method, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return do(t, s, r)
}

func TestMediaIsJudgedAsTheServerDoes(t *testing.T) {
	s, _ := world(t)
	me := strconv.FormatInt(reader, 10)
	for _, c := range []struct {
		name                string
		method, field, file string
		data                []byte
		pairs               []string
		code                int
		text                string
	}{
		{"a picture that is none", "sendPhoto", "photo", "a.png", []byte("not a picture"), nil, 400, "Bad Request: IMAGE_PROCESS_FAILED"},
		{"a picture far too wide", "sendPhoto", "photo", "a.png", picture(t, 2100, 100), nil, 400, "Bad Request: PHOTO_INVALID_DIMENSIONS"},
		{"an empty file", "sendDocument", "document", "a.txt", nil, nil, 400, "Bad Request: file must be non-empty"},
		{"no file at all", "sendDocument", "", "", nil, nil, 400, "Bad Request: there is no document in the request"},
		{"an address that is not fetched", "sendPhoto", "", "", nil, []string{"photo", "https://harbour-post.example/a.png"}, 400, "Bad Request: wrong file identifier/HTTP URL specified"},
		{"a caption too long", "sendPhoto", "photo", "a.png", picture(t, 9, 9), []string{"caption", strings.Repeat("ä", 1025)}, 400, "Bad Request: message caption is too long"},
		{"the longest caption", "sendPhoto", "photo", "a.png", picture(t, 9, 9), []string{"caption", strings.Repeat("😀", 1024)}, 200, ""},
		{"no caption", "sendDocument", "document", "a.txt", []byte("x"), nil, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := sendFile(t, s, c.method, c.field, c.file, c.data, append(c.pairs, "chat_id", me)...)
			if got.Status != c.code || c.text != "" && got.Description != c.text {
				t.Errorf("%s = %d %q, want %d %q", c.method, got.Status, got.Description, c.code, c.text)
			}
		})
	}
}

func TestAFileComesBackAsItWasSent(t *testing.T) {
	s, _ := world(t)
	data := []byte("<opml/> äöü\x00")
	if _, err := s.Post(Post{From: reader, Text: "/import", Document: &Upload{Name: "sources.opml", Data: data}}); err != nil {
		t.Fatalf("Post = %v", err)
	}
	list := updates(t, s)
	m := list[len(list)-1].Message
	if m.Caption != "/import" || m.Text != "" || m.Document == nil || m.Document.FileName != "sources.opml" || m.Document.FileSize != int64(len(data)) {
		t.Fatalf("the update holds %+v, want the document under its caption", m)
	}
	var f struct {
		FilePath string `json:"file_path"`
	}
	call(t, s, "getFile", "file_id", m.Document.FileID).into(t, &f)
	for path, want := range map[string]int{
		"/file/bot" + token + "/" + f.FilePath:           200,
		"/file/bot" + token + "/documents/file_999":      404,
		"/file/bot1:another-token-altogether/documents/": 404,
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want || want == 200 && w.Body.String() != string(data) {
			t.Errorf("GET %s = %d %q, want %d", strings.ReplaceAll(path, token, "TOKEN"), w.Code, w.Body, want)
		}
	}
	if got := call(t, s, "getFile", "file_id", "F-unknown"); got.Description != "Bad Request: invalid file_id" {
		t.Errorf("getFile of an unknown id = %q", got.Description)
	}
}

func TestACopyKeepsPictureAndCaption(t *testing.T) {
	s, _ := world(t)
	sent, err := s.Post(Post{From: admin, Text: "Look https://harbour-post.example", Photo: &Upload{Name: "a.png", Data: picture(t, 30, 20)}})
	if err != nil {
		t.Fatalf("Post = %v", err)
	}
	call(t, s, "copyMessage", "chat_id", strconv.FormatInt(reader, 10), "from_chat_id", strconv.FormatInt(admin, 10), "message_id", strconv.FormatInt(sent.MessageID, 10)).into(t, &struct{}{})
	all := s.Snapshot(reader)
	got := all[len(all)-1]
	if got.Caption != sent.Caption || !sameJSON(got.Photo, sent.Photo) || !sameJSON(got.CaptionEntities, sent.CaptionEntities) || got.From == nil || got.From.ID != s.me.ID {
		t.Errorf("the copy is %+v, want the picture of %+v from the bot", got, sent)
	}
}
