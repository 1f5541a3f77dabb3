package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tidings/bot/simulator"
)

// TestScripts runs testdata/script: each is what an operator types, and what
// the program says to it. Around it are
//
//	$API     a pretend Telegram that knows the token; admin 9001 has started the bot
//	$STRICT  the same, which takes only webhooks that Telegram itself takes
//	$LATE    the same, two minutes behind
//	$HTML    a web server that is no Bot API server
//	$NOBODY  an address on which nobody listens
//	$FEED    a feed
//	$MODEL   an endpoint of a language model, whose key is "right"
//	$NOFEED  an address on the same server that answers 404
//	$POSTGRES, with [postgres]: an empty database on the server for tests
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Condition: func(name string) (bool, error) {
			switch name {
			case "postgres":
				return os.Getenv("TEST_DATABASE_URL") != "", nil
			case "mount":
				return mayMount(), nil
			}
			return false, fmt.Errorf("unknown condition %s", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready":    waitReady,
			"heard":    waitHeard,
			"damage":   damage,
			"truncate": truncate,
			"tmpfs":    mountTmpfs,
			"readonly": remountReadOnly,
			"exits":    exits,
			"sqlite":   runSQL,
			"webhook":  setWebhookFor,
			"oneline":  oneLine,
			"files":    countFiles,
		},
	})
}

func setUpScript(env *testscript.Env) error {
	t := env.T().(testing.TB)
	sim := simulator.New(simulator.Config{Token: testToken, Local: true, People: []simulator.Person{
		{ID: admin, Name: "Ada", Language: "en"}, {ID: 9002, Name: "Bo", Language: "en"},
	}})
	if _, err := sim.Say(admin, "/start"); err != nil {
		return err
	}
	env.Values[simulatorValue{}] = sim
	web := http.NewServeMux()
	web.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html><body>It works!</body></html>")
	}))
	news := &press{}
	news.publish("ferry", "Harbour council orders two electric ferries", "They replace diesel boats.")
	web.Handle("/feed.xml", news)
	web.HandleFunc("/none.xml", http.NotFound)
	web.HandleFunc("/v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer right" {
			http.Error(w, `{"error":{"message":"no"}}`, http.StatusUnauthorized)
			return
		}
		io.WriteString(w, `{"choices":[{"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],"usage":{"total_tokens":20}}`)
	})
	late := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-2*time.Minute).UTC().Format(http.TimeFormat))
		sim.ServeHTTP(w, r)
	})
	strict := simulator.New(simulator.Config{Token: testToken})
	env.Defer(strict.Close)
	address := map[string]string{}
	for name, h := range map[string]http.Handler{"API": sim, "STRICT": strict, "LATE": late, "HTML": web} {
		server := httptest.NewServer(h)
		env.Defer(server.Close)
		address[name] = server.URL
		env.Setenv(name, server.URL)
	}
	env.Defer(sim.Close) // before the servers: it ends the polls they wait for
	env.Values["sim"] = sim
	env.Setenv("NOBODY", "http://"+freeAddress(t))
	env.Setenv("FEED", address["HTML"]+"/feed.xml")
	env.Setenv("MODEL", address["HTML"]+"/v1")
	env.Setenv("NOFEED", address["HTML"]+"/none.xml")
	env.Setenv("LISTEN", freeAddress(t))
	env.Setenv("TOKEN", testToken)
	env.Setenv("ADMIN", strconv.Itoa(admin))
	if server := os.Getenv("TEST_DATABASE_URL"); server != "" {
		env.Setenv("POSTGRES", throwAwayDatabase(t))
		u, err := url.Parse(server)
		if err != nil {
			return err
		}
		env.Setenv("PGHOST", u.Host)
	}
	for name, value := range map[string]string{
		"TELEGRAM_BOT_TOKEN": testToken, "TELEGRAM_API_URL": address["API"], "TIDINGS_LISTEN": "127.0.0.1:0",
		"TIDINGS_ALLOW_NETWORKS": "127.0.0.0/8", "TIDINGS_SOURCES": "sources.txt", "TIDINGS_ADMINS": strconv.Itoa(admin),
	} {
		env.Setenv(name, value)
	}
	list := address["HTML"] + "/feed.xml\tThe Test Post\n"
	return os.WriteFile(filepath.Join(env.WorkDir, "sources.txt"), []byte(list), 0o600)
}

// waitReady waits until a process answers at $LISTEN.
func waitReady(ts *testscript.TestScript, neg bool, args []string) {
	end := time.Now().Add(30 * time.Second)
	for time.Now().Before(end) {
		said, err := readiness(context.Background(), ts.Getenv("LISTEN"))
		if err == nil && said == "ready" {
			return
		}
		time.Sleep(50 * time.Millisecond) // a process outside of this one
	}
	ts.Fatalf("no process is ready at %s", ts.Getenv("LISTEN"))
}

// waitHeard waits until every update was handled.
func waitHeard(ts *testscript.TestScript, neg bool, args []string) {
	sim := ts.Value(simulatorValue{}).(*simulator.Simulator)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if sim.PendingUpdates() == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond) // a process outside of this one
	}
	ts.Fatalf("%d updates are not handled", sim.PendingUpdates())
}

type simulatorValue struct{}

// damage overwrites the middle of a file.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	for i := len(b) / 4; i < len(b)/2; i++ {
		b[i] ^= 0x5a
	}
	ts.Check(os.WriteFile(path, b, 0o600))
}

// truncate cuts a file to a part, in percent.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	info, err := os.Stat(path)
	ts.Check(err)
	part, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(path, info.Size()*part/100))
}

// exits runs the program and wants an exit code: exits 2 check --fly.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("tidings", args[1:]...)
	code := 0
	if err != nil {
		var exit interface{ ExitCode() int }
		if x, ok := err.(interface{ ExitCode() int }); ok {
			exit = x
		} else {
			ts.Fatalf("tidings %v: %v", args[1:], err)
		}
		code = exit.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("tidings %v ended with %d, want %s", args[1:], code, args[0])
	}
	if strings.Contains(ts.ReadFile("stdout")+ts.ReadFile("stderr"), ts.Getenv("TOKEN")) {
		ts.Fatalf("tidings %v tells the token", args[1:])
	}
}

// runSQL changes a database file by hand.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(strings.Join(args[1:], " "))
	ts.Check(err)
}

// setWebhookFor lets somebody else set a webhook for the token.
func setWebhookFor(ts *testscript.TestScript, neg bool, args []string) {
	answer, err := http.PostForm(ts.Getenv("API")+"/bot"+testToken+"/setWebhook", url.Values{"url": {args[0]}})
	ts.Check(err)
	answer.Body.Close()
}

// oneLine wants a single sentence in stderr and nothing in stdout.
func oneLine(ts *testscript.TestScript, neg bool, args []string) {
	out, errs := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if out != "" || strings.Count(errs, "\n") != 1 {
		ts.Fatalf("want one sentence, got %q and %q", errs, out)
	}
}

// countFiles wants a number of files that fit a pattern: files 1 'old.db.*'.
func countFiles(ts *testscript.TestScript, neg bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if fmt.Sprint(len(found)) != args[0] {
		ts.Fatalf("%s are %q, want %s", args[1], found, args[0])
	}
}
