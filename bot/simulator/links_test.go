package simulator

import "testing"

func TestLinksAreJudgedAsTelegramDoes(t *testing.T) {
	for link, want := range map[string]string{
		"https://news.example/a?b=c#d":     "",
		"HTTP://NEWS.EXAMPLE":              "",
		"news.example/path":                "",
		"news.example:8080/path":           "",
		"http://127.0.0.1:8080/x":          "",
		"http://[::1]/x":                   "",
		"https://news.example/a b":         "",
		"https://user:word@news.example/x": "",
		"tg://resolve?domain=x":            "",
		"https://news.example/a?u=ftp://x": "",
		"":                                 "URL host is empty",
		"https://":                         "URL host is empty",
		"https:///path":                    "URL host is empty",
		"http://localhost":                 "Wrong HTTP URL",
		"nodot":                            "Wrong HTTP URL",
		"https://new s.example/":           "Wrong URL host",
		"https://news.example:x/":          "Wrong port number specified in the URL",
		"https://news.example:99999/":      "Wrong port number specified in the URL",
		"ftp://news.example/":              "Unsupported URL protocol",
		"mailto:a@news.example":            "Unsupported URL protocol",
		"javascript:alert(1)":              "Unsupported URL protocol",
		"data:text/html,x.y":               "Unsupported URL protocol",
		"tg:http://news.example":           "Wrong tg URL",
	} {
		if got := linkFault(link); got != want {
			t.Errorf("linkFault(%q) = %q, want %q", link, got, want)
		}
	}
}
