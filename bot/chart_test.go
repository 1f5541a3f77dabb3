package bot

import (
	"bytes"
	"image/png"
	"os"
	"testing"
	"time"
)

// pastDays are figures of every hour of n days up to now.
func pastDays(n int, now time.Time) (all []Figures) {
	for i := range n * 24 {
		at := now.Truncate(time.Hour).Add(-time.Duration(n*24-1-i) * time.Hour)
		day := i / 24
		f := Figures{From: at, Readers: 800 + 37*day + day*day/3, Active: 600 + 31*day, Sent: 20 + i%5}
		if at.Hour() == 8 {
			f.Sent = 500 + 30*day
			f.Failed = 3 + day%7*4
		}
		if day == n/2 {
			f.Failed, f.Sent = f.Sent/3, f.Sent/2
		}
		all = append(all, f)
	}
	return all
}

func TestTheChartShowsWhatItIsGiven(t *testing.T) {
	now := time.Date(2026, 3, 16, 14, 20, 0, 0, time.UTC)
	for name, history := range map[string][]Figures{
		"days":  pastDays(40, now),
		"hours": pastDays(2, now)[10:],
		"first": {{From: now.Truncate(time.Hour), Readers: 3, Active: 2, Sent: 5}},
		"gap":   append(pastDays(20, now.Add(-10*24*time.Hour)), pastDays(5, now)...),
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "gap" {
				t.Skip("a picture is drawn pixel by pixel: one is enough for a short run")
			}
			p := english(t)
			picture, err := chartOf(p, history, time.UTC, now).draw(p)
			if err != nil {
				t.Fatalf("draw = %v", err)
			}
			if folder := os.Getenv("PICTURES"); folder != "" {
				os.WriteFile(folder+"/chart-"+name+".png", picture, 0o644)
			}
			if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
				t.Fatal(err)
			}
		})
	}
}
