package main

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "the folder that TestPictures writes the README's pictures to")

// TestPictures makes the pictures of the README from a trial:
//
//	go test -run TestPictures -pictures docs .
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("-pictures names no folder")
	}
	browser := newBrowser(t)
	tr := newTrial(t, "127.0.0.1:0")
	s := open(t, browser, tr, 1280, 800)
	s.clicks("#chat-1001 .start", "Start")
	s.clicks("#chat-1002 .start", "Start")
	s.sees(tryReader, "What shall I follow first?")
	s.sees(tryAdmin, "What shall I follow first?")
	s.presses(tryReader, "Science")
	s.presses(tryReader, "08:00")
	s.presses(tryReader, "London")
	s.sees(tryReader, "All set")
	s.sees(tryReader, "1 topic")
	s.says(tryAdmin, "/broadcast Tidings now reads the harbour papers, too. Follow ferries to see them.")
	s.sees(tryAdmin, "This is how readers will see it")
	s.waits(`document.activeElement.blur() === undefined`)
	top := `(() => { const d = [...document.querySelectorAll("#chat-1001 .theirs")].find((m) => m.innerText.includes("1 topic")); d.scrollIntoView({ block: "start" }); return true; })()`
	s.waits(top)
	s.photographs("chat.png", 1280, 800)
	s.look("dark")
	s.photographs("chat-dark.png", 1280, 800)
	s.look("light")
	s.do(chromedp.EmulateViewport(390, 844))
	s.waits(top)
	s.photographs("chat-phone.png", 390, 844)
}

// photographs writes what the page shows, as small as PNG can.
func (s *screen) photographs(name string, width, height int64) {
	s.t.Helper()
	s.do(chromedp.EmulateViewport(width, height))
	s.waits(`document.fonts.status === "loaded"`)
	shot, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		s.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), out.Bytes(), 0o644); err != nil {
		s.t.Fatal(err)
	}
	s.t.Logf("%s: %d kB, %v", name, out.Len()/1000, time.Now().Format(time.TimeOnly))
}

// samplePicture is a PNG with a gradient.
func samplePicture(width, height int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(80 + 160*x/width), uint8(120 + 60*y/height), uint8(220 - 120*x/width), 255})
		}
	}
	var b bytes.Buffer
	png.Encode(&b, m) // into memory: cannot fail
	return b.Bytes()
}
