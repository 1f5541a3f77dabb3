package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings/digest"
)

// settingFlags are the settings that may be given as flags; the environment
// has the same names in capitals. All are read as text and understood by
// settings, so that every wrong value gets the same kind of sentence.
type settingFlags struct {
	TelegramAPIURL string `name:"telegram-api-url" placeholder:"URL" help:"Bot API server (TELEGRAM_API_URL; default https://api.telegram.org)."`
	Database       string `placeholder:"PATH|URL" help:"A file, or postgres://… (TIDINGS_DATABASE; default tidings.db)."`
	Admins         string `placeholder:"IDS" help:"Telegram user ids of the admins, comma-separated (TIDINGS_ADMINS)."`
	Sources        string `placeholder:"FILE" help:"OPML file, or a text file with an address a line (TIDINGS_SOURCES; default: the built-in packs)."`
	FetchInterval  string `placeholder:"DURATION" help:"Shortest time between two visits of a source (TIDINGS_FETCH_INTERVAL; default 15m)."`
	AllowNetworks  string `placeholder:"CIDRS" help:"Networks that may be fetched although private, comma-separated (TIDINGS_ALLOW_NETWORKS)."`
	Listen         string `placeholder:"ADDRESS" help:"Where /healthz, /readyz, /metrics and the webhook are served (TIDINGS_LISTEN; default 127.0.0.1:9090)."`
	WebhookURL     string `name:"webhook-url" placeholder:"URL" help:"Where Telegram brings updates, instead of polling (TIDINGS_WEBHOOK_URL); its secret is TIDINGS_WEBHOOK_SECRET, or in the file that TIDINGS_WEBHOOK_SECRET_FILE names."`
	SendRate       string `placeholder:"N" help:"Messages a second (TIDINGS_SEND_RATE; default 28)."`
	LLMURL         string `name:"llm-url" placeholder:"URL" help:"A language model that writes summaries, at an OpenAI-compatible endpoint such as https://api.example.org/v1 (TIDINGS_LLM_URL; default none); its key is TIDINGS_LLM_KEY, or in the file that TIDINGS_LLM_KEY_FILE names."`
	LLMModel       string `name:"llm-model" placeholder:"NAME" help:"The model's name there (TIDINGS_LLM_MODEL)."`
	LLMDailyTokens string `name:"llm-daily-tokens" placeholder:"N" help:"Tokens that it may cost a day (TIDINGS_LLM_DAILY_TOKENS; default 1000000)."`
	Log            string `placeholder:"LEVEL" help:"debug, info, warn or error (TIDINGS_LOG; default info)."`
}

// settings are what run and try work with.
type settings struct {
	token         string
	apiURL        string
	database      string
	admins        map[int64]bool
	sources       string                          // "" for the packs
	packs         func() ([]digest.Source, error) // the built-in ones; those of the sample news for try
	fetchInterval time.Duration
	fetchAtLeast  time.Duration // 0: as seldom as a source publishes
	allowNetworks []netip.Prefix
	hosts         map[string]string       // names that DNS does not know, for try
	contact       func(bot string) string // where those who are visited find the bot of that name, "" for nowhere
	listen        string
	webhook       *url.URL // nil: updates are polled for
	webhookSecret string
	sendRate      float64
	llm           llmSettings
	logLevel      slog.Level
}

// llmSettings are those of a language model; without an address there is none.
type llmSettings struct {
	url, name, key string
	daily          int // tokens
}

// A setting is one row of the table below: its name in the environment, its
// default, what is allowed, and how it is understood.
type setting struct {
	name     string
	flag     func(settingFlags) string
	fallback string
	allowed  string
	read     func(*settings, string) error
}

var errNotAllowed = errors.New("not allowed")

var settingTable = []setting{
	{"TELEGRAM_API_URL", func(f settingFlags) string { return f.TelegramAPIURL }, "https://api.telegram.org",
		"an http or https address", readAPIURL},
	{"TIDINGS_DATABASE", func(f settingFlags) string { return f.Database }, "tidings.db",
		"a path or postgres://…", readDatabase},
	{"TIDINGS_ADMINS", func(f settingFlags) string { return f.Admins }, "",
		"Telegram user ids (numbers above 0), comma-separated", readAdmins},
	{"TIDINGS_SOURCES", func(f settingFlags) string { return f.Sources }, "",
		"an OPML file or a text file with an address a line", func(s *settings, v string) error { s.sources = v; return nil }},
	{"TIDINGS_FETCH_INTERVAL", func(f settingFlags) string { return f.FetchInterval }, "15m",
		"a time from 1s to 24h such as 15m", readFetchInterval},
	{"TIDINGS_ALLOW_NETWORKS", func(f settingFlags) string { return f.AllowNetworks }, "",
		"networks such as 10.0.0.0/8, comma-separated", readNetworks},
	{"TIDINGS_LISTEN", func(f settingFlags) string { return f.Listen }, "127.0.0.1:9090",
		"host:port", readListen},
	{"TIDINGS_WEBHOOK_URL", func(f settingFlags) string { return f.WebhookURL }, "",
		"an https address whose path is not /healthz or /readyz, such as https://bot.example.org/telegram", readWebhookURL},
	{"TIDINGS_SEND_RATE", func(f settingFlags) string { return f.SendRate }, "28",
		"a number from 0.1 to 1000", readSendRate},
	{"TIDINGS_LLM_URL", func(f settingFlags) string { return f.LLMURL }, "",
		"an http or https address such as https://api.example.org/v1, without a key in it", readLLMURL},
	{"TIDINGS_LLM_MODEL", func(f settingFlags) string { return f.LLMModel }, "",
		"a model's name", func(s *settings, v string) error { s.llm.name = v; return nil }},
	{"TIDINGS_LLM_DAILY_TOKENS", func(f settingFlags) string { return f.LLMDailyTokens }, "1000000",
		"a whole number from 1000 on", readLLMDailyTokens},
	{"TIDINGS_LOG", func(f settingFlags) string { return f.Log }, "info",
		"debug, info, warn or error", func(s *settings, v string) error { return s.logLevel.UnmarshalText([]byte(v)) }},
}

// secretNames are read from the environment only: flags show in process lists.
var secretNames = []string{
	"TELEGRAM_BOT_TOKEN", "TELEGRAM_BOT_TOKEN_FILE",
	"TIDINGS_WEBHOOK_SECRET", "TIDINGS_WEBHOOK_SECRET_FILE",
	"TIDINGS_LLM_KEY", "TIDINGS_LLM_KEY_FILE",
}

// checkNames refuses a TIDINGS_ variable that nobody reads: a typing error
// would otherwise pass in silence.
func checkNames(environ []string) error {
	var known []string
	for _, s := range settingTable {
		known = append(known, s.name)
	}
	known = append(known, secretNames...)
	known = slices.DeleteFunc(known, func(name string) bool { return !strings.HasPrefix(name, "TIDINGS_") })
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "TIDINGS_") && !slices.Contains(known, name) {
			return usageError{fmt.Sprintf("%s is no setting; there are %s", name, strings.Join(known, ", "))}
		}
	}
	return nil
}

// readSettings takes each setting from its flag, else the environment, else
// its default. The first that is wrong is the error, also one that nobody reads.
func readSettings(f settingFlags, environ []string) (settings, error) {
	if err := checkNames(environ); err != nil {
		return settings{}, err
	}
	s, wrong := readAllSettings(f, environ)
	if len(wrong) > 0 {
		return s, wrong[0]
	}
	return s, nil
}

// readAllSettings is readSettings that goes on after a wrong one, with its
// default, and tells all of them.
func readAllSettings(f settingFlags, environ []string) (s settings, wrong []error) {
	s.packs, s.contact = builtInPacks, chatWith
	for _, row := range settingTable {
		value, from := row.flag(f), "--"+flagName(row.name)
		if value == "" {
			value, from = lookUp(environ, row.name), row.name
		}
		if value == "" {
			value = row.fallback
		}
		if value == "" {
			continue
		}
		if err := row.read(&s, value); err != nil {
			wrong = append(wrong, usageError{fmt.Sprintf("%s: read %q; allowed is %s", from, redacted(value), row.allowed)})
			if row.fallback != "" {
				_ = row.read(&s, row.fallback) // the table's own defaults are right
			}
		}
	}
	if s.llm.url != "" && s.llm.name == "" {
		wrong = append(wrong, usageError{"TIDINGS_LLM_MODEL is not set; TIDINGS_LLM_URL needs the name of a model"})
	}
	var err error
	if s.llm.key, err = readSecret(environ, "TIDINGS_LLM_KEY"); err != nil {
		wrong = append(wrong, err)
	}
	return s, wrong
}

// redacted is what may be told of a value that somebody gave: not who signs in
// where, nor the parameters of an address, for both may hold a password.
func redacted(v string) string {
	scheme, rest, address := strings.Cut(v, "://")
	if !address {
		scheme, rest = "", v
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 && (address || strings.Contains(rest[:at], ":")) {
		rest = "…" + rest[at:]
	}
	if !address {
		return rest
	}
	if q := strings.IndexByte(rest, '?'); q >= 0 {
		rest = rest[:q] + "?…"
	}
	return scheme + "://" + rest
}

func flagName(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, "TIDINGS_")), "_", "-")
}

func lookUp(environ []string, name string) string {
	for _, e := range slices.Backward(environ) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// readToken finds the bot's token; its value never stands in an error.
func readToken(environ []string) (string, error) {
	token, err := readSecret(environ, "TELEGRAM_BOT_TOKEN")
	if err == nil && token == "" {
		err = usageError{"TELEGRAM_BOT_TOKEN is not set; @BotFather gives one, and tidings try needs none"}
	}
	return token, err
}

// readSecret finds a secret in its variable, else in the file that the variable
// with _FILE names; "" when there is neither.
func readSecret(environ []string, name string) (string, error) {
	secret, file := lookUp(environ, name), lookUp(environ, name+"_FILE")
	if secret != "" || file == "" {
		return secret, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", usageError{fmt.Sprintf("%s_FILE: read %s: %v", name, file, reasonOf(err))}
	}
	if secret = strings.TrimSpace(string(text)); secret == "" {
		return "", usageError{fmt.Sprintf("%s_FILE: %s is empty", name, file)}
	}
	return secret, nil
}

// reasonOf is an error about a file without the file's name, which the sentence
// around it tells.
func reasonOf(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// webhookSecretForm is what Telegram takes, and long enough that nobody guesses
// it: who knows the secret can speak as anybody, admins too.
var webhookSecretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)

// readWebhookSecret finds the secret that Telegram repeats with each update.
// Without one of the operator's it is made from the token, which nobody but
// Telegram and this bot knows, so that all replicas have the same.
func readWebhookSecret(environ []string, token string) (string, error) {
	secret, err := readSecret(environ, "TIDINGS_WEBHOOK_SECRET")
	switch {
	case err != nil:
		return "", err
	case secret == "":
		made := hmac.New(sha256.New, []byte(token))
		made.Write([]byte("tidings webhook"))
		return hex.EncodeToString(made.Sum(nil)), nil
	case !webhookSecretForm.MatchString(secret):
		return "", usageError{"TIDINGS_WEBHOOK_SECRET: allowed are 16 to 256 of A-Z, a-z, 0-9, _ and -; without one it is made from the token"}
	}
	return secret, nil
}

// readWebhookURL judges only what would fail without a word; which schemes and
// ports are good Telegram itself says, or a Bot API server of one's own.
func readWebhookURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return errNotAllowed
	}
	if u.Path == "" {
		u.Path = "/"
	}
	if u.Path != path.Clean(u.Path) || slices.Contains(ownPaths, u.Path) {
		return errNotAllowed
	}
	s.webhook = u
	return nil
}

// readDatabase takes no path for an address: one with a mistyped scheme would
// become a file's name, password and all.
func readDatabase(s *settings, v string) error {
	if strings.Contains(v, "://") && !strings.HasPrefix(v, "postgres://") && !strings.HasPrefix(v, "postgresql://") {
		return errNotAllowed
	}
	s.database = v
	return nil
}

func readAPIURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errNotAllowed
	}
	s.apiURL = strings.TrimRight(v, "/")
	return nil
}

func readAdmins(s *settings, v string) error {
	s.admins = map[int64]bool{}
	for _, word := range splitList(v) {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil || id <= 0 {
			return errNotAllowed
		}
		s.admins[id] = true
	}
	return nil
}

func readFetchInterval(s *settings, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < time.Second || d > 24*time.Hour {
		return errNotAllowed
	}
	s.fetchInterval = d
	return nil
}

func readNetworks(s *settings, v string) error {
	for _, word := range splitList(v) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			return errNotAllowed
		}
		s.allowNetworks = append(s.allowNetworks, p.Masked())
	}
	return nil
}

func readListen(s *settings, v string) error {
	_, port, err := net.SplitHostPort(v)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return errNotAllowed
	}
	s.listen = v
	return nil
}

// readLLMURL takes no address that holds a password or a key, which would show in
// process lists.
func readLLMURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errNotAllowed
	}
	s.llm.url = v
	return nil
}

func readLLMDailyTokens(s *settings, v string) error {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 1000 {
		return errNotAllowed
	}
	s.llm.daily = int(n)
	return nil
}

func readSendRate(s *settings, v string) error {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n >= 0.1 && n <= 1000) { // also refuses NaN
		return errNotAllowed
	}
	s.sendRate = n
	return nil
}

func splitList(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
}
