package simulator

import (
	"errors"
	"strconv"
	"strings"
)

// checkLink says why Telegram would refuse a link, or nil. The rules are those
// of TDLib's LinkManager::get_checked_link: http, https, tg or ton; a host with
// a dot in it; a port that is a number. A missing scheme means http.
func checkLink(link string) error {
	lower := strings.ToLower(strings.TrimSpace(link))
	if rest, ok := strings.CutPrefix(lower, "tg:"); ok {
		if strings.HasPrefix(rest, "http:") || strings.TrimPrefix(rest, "//") == "" {
			return errors.New("Wrong tg URL")
		}
		return nil
	}
	rest := lower
	if scheme, after, ok := strings.Cut(lower, "://"); ok && !strings.ContainsAny(scheme, "/?#.") {
		if scheme != "http" && scheme != "https" {
			return errors.New("Unsupported URL protocol")
		}
		rest = after
	} else if scheme == "mailto" || strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(lower, "javascript:") || strings.HasPrefix(lower, "data:") {
		return errors.New("Unsupported URL protocol")
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return checkHost(rest)
}

func checkHost(hostport string) error {
	host, port := hostport, ""
	v6 := strings.HasPrefix(hostport, "[")
	if i := strings.LastIndexByte(hostport, ':'); i >= 0 && !strings.HasSuffix(hostport, "]") {
		host, port = hostport[:i], hostport[i+1:]
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return errors.New("Wrong port number specified in the URL")
		}
	}
	switch {
	case host == "":
		return errors.New("URL host is empty")
	case strings.ContainsAny(host, " \t\n\"<>\\^`{|}"):
		return errors.New("Wrong URL host")
	case v6:
		return nil
	case !strings.Contains(strings.Trim(host, "."), "."):
		return errors.New("Wrong HTTP URL")
	}
	return nil
}
