package simulator

import (
	"strconv"
	"strings"
)

// linkFault says in Telegram's words why it would refuse a link; "" when it
// would not. The rules are those of TDLib's LinkManager::get_checked_link: http,
// https or tg; a host with a dot in it; a port that is a number. A missing
// scheme means http.
func linkFault(link string) string {
	lower := strings.ToLower(strings.TrimSpace(link))
	if rest, ok := strings.CutPrefix(lower, "tg:"); ok {
		if strings.HasPrefix(rest, "http:") || strings.TrimPrefix(rest, "//") == "" {
			return "Wrong tg URL"
		}
		return ""
	}
	rest := lower
	if scheme, after, ok := strings.Cut(lower, "://"); ok && !strings.ContainsAny(scheme, "/?#.") {
		if scheme != "http" && scheme != "https" {
			return "Unsupported URL protocol"
		}
		rest = after
	} else if strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(lower, "javascript:") || strings.HasPrefix(lower, "data:") {
		return "Unsupported URL protocol"
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return hostFault(rest)
}

func hostFault(hostport string) string {
	host, port := hostport, ""
	v6 := strings.HasPrefix(hostport, "[")
	if i := strings.LastIndexByte(hostport, ':'); i >= 0 && !strings.HasSuffix(hostport, "]") {
		host, port = hostport[:i], hostport[i+1:]
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "Wrong port number specified in the URL"
		}
	}
	switch {
	case host == "":
		return "URL host is empty"
	case strings.ContainsAny(host, " \t\n\"<>\\^`{|}"):
		return "Wrong URL host"
	case v6:
		return ""
	case !strings.Contains(strings.Trim(host, "."), "."):
		return "Wrong HTTP URL"
	}
	return ""
}
