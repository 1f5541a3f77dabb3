package telegram

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAFileGoesUpWithItsCaptionAndButtons(t *testing.T) {
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength <= 0 {
			t.Errorf("the upload has length %d, want it told", r.ContentLength)
		}
		file, header, err := r.FormFile("document")
		if err != nil {
			t.Errorf("FormFile = %v", err)
			return
		}
		data, _ := io.ReadAll(file)
		got = fmt.Sprint(r.URL.Path[strings.LastIndex(r.URL.Path, "/"):], " ", header.Filename, " ", string(data), " ", r.FormValue("chat_id"), " ", r.FormValue("message_thread_id"), " ",
			r.FormValue("caption"), " ", r.FormValue("caption_entities"), " ", r.FormValue("reply_markup"))
		io.WriteString(w, `{"ok":true,"result":{"message_id":12}}`)
	}, Options{Rate: 1000})
	id, err := c.Send(t.Context(), Interactive, To{-100, 4}, Message{File: &File{Name: "a.json", Data: []byte("{}")},
		Text: "All of it", Entities: []Entity{{Type: EntityBold, Length: 3}}, Keyboard: Keyboard{{{Text: "A", Data: "a"}}}})
	want := `/sendDocument a.json {} -100 4 All of it [{"type":"bold","offset":0,"length":3}] {"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}`
	if id != 12 || err != nil || got != want {
		t.Errorf("Send = %d, %v; the server got %s, want %s", id, err, got, want)
	}
}

func TestARefusedUploadIsUnderstoodThoughItsCodeIsLost(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(403)
		io.WriteString(w, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`)
	}, Options{Rate: 1000})
	_, err := c.Send(t.Context(), Interactive, To{Chat: 5}, Message{File: &File{Name: "a.png", Data: []byte("x"), Picture: true}})
	var e *Error
	if !errors.Is(err, ErrBlocked) || !errors.As(err, &e) || e.Code != 403 {
		t.Errorf("Send = %v, want ErrBlocked with code 403", err)
	}
}

func TestDownloadsAreBoundAndKeepTheToken(t *testing.T) {
	for _, c := range []struct {
		name, file string
		status     int
		limit      int64
		want       string
		is         error
	}{
		{"a file as it is", `{"file_path":"documents/file 1.opml","file_size":4}`, 200, 4, "OPML", nil},
		{"one that is told to be too long", `{"file_path":"documents/file 1.opml","file_size":5}`, 200, 4, "", ErrTooLong},
		{"one that is longer than it was told", `{"file_path":"documents/file 1.opml"}`, 200, 3, "", ErrTooLong},
		{"one that is gone", `{"file_path":"documents/file 1.opml"}`, 404, 9, "", ErrNotSent},
		{"a path that is none", `{"file_path":"../../%zz\n"}`, 404, 9, "", ErrNotSent},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/getFile") {
					io.WriteString(w, `{"ok":true,"result":`+c.file+`}`)
					return
				}
				if want := "/file/bot" + testToken + "/documents/file 1.opml"; c.status == 200 && r.URL.Path != want {
					t.Errorf("asked for %s, want %s", r.URL.Path, want)
				}
				w.WriteHeader(c.status)
				io.WriteString(w, "OPML")
			}, Options{Rate: 1000})
			data, err := client.Download(t.Context(), "F1", c.limit)
			if string(data) != c.want || !errors.Is(err, c.is) {
				t.Errorf("Download = %q, %v; want %q, %v", data, err, c.want, c.is)
			}
			if err != nil && strings.Contains(err.Error(), testToken) {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}
