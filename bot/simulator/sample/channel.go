package sample

import (
	_ "embed"
	"net/http"
	"strconv"
	"strings"
	"time"
)

//go:embed channel.html
var channelText string

// ChannelHost is where Handler serves the web preview of the invented channel
// ChannelName as Telegram serves those of public channels, at /s/<name>. Any
// other name gets the page of somebody who shows none.
const (
	ChannelHost = "t.me"
	ChannelName = "harbour_lights"
)

// A post is one message of the channel.
type post struct {
	Age     time.Duration // before the start
	From    string        // whom it was forwarded from
	Text    []string      // paragraphs, the first in bold
	Picture bool
	Poll    []string // a question and its answers
}

// posts are those of the channel, the oldest first.
var posts = []post{
	{Age: 31 * time.Hour, Text: []string{"The lamp of the outer mole is dark until Thursday", "Its motor is being wound anew in Larnhaven. Boats above nine metres take the northern passage; the pilot answers on channel 12 all night."}},
	{Age: 19 * time.Hour, Text: []string{"Eleven seals counted on the breakwater, two of them pups", "Please keep dogs on a lead between the slipway and the ice house. The wardens stand there from seven to dusk."}, Picture: true},
	{Age: 9 * time.Hour, From: "Pilots of the Sound", Text: []string{"Fog below 200 metres is expected before sunrise", "The first two ferries will wait at their berths until the horn on Gull Rock is silent."}},
	{Age: 5 * time.Hour, Poll: []string{"What shall the new tug be called?", "Perseverance", "Old Marjorie", "Number Four, as always"}},
	{Age: 70 * time.Minute, Text: []string{"Mussel rope found drifting with a message in Icelandic", "It asks whoever finds it to tell a school in Siglufjordur how far it came: 2,140 kilometres in fourteen months, if the date on it is true."}},
}

// serveChannel answers for ChannelHost: with the channel's preview, with one of
// its posts, or with the page of nobody.
func (p *press) serveChannel(w http.ResponseWriter, r *http.Request, path string) {
	name, number, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if name == "s" {
		name, number = number, ""
		if !strings.EqualFold(name, ChannelName) {
			http.Redirect(w, r, "/"+name, http.StatusFound)
			return
		}
	}
	if !strings.EqualFold(name, ChannelName) {
		writeHTML(w, http.StatusOK, "contact", name)
		return
	}
	type shown struct {
		post
		Number        int
		Machine, Time string
	}
	var all []shown
	for i, m := range posts {
		date := p.start.UTC().Truncate(time.Second).Add(-m.Age)
		if number == "" || number == strconv.Itoa(i+1) {
			all = append(all, shown{m, i + 1, date.Format(time.RFC3339), date.Format("15:04")})
		}
	}
	if len(all) == 0 {
		writeMissing(w)
		return
	}
	writeHTML(w, http.StatusOK, "channel", map[string]any{"Title": "Harbour Lights", "Name": ChannelName, "About": "News from the quay, before the papers have it", "Posts": all})
}
