// Tidings is a Telegram bot that follows topics for people and sends each of
// them, on their own schedule, a short digest of the stories that match.
//
// This package is the operator's side: one small file per subcommand, the
// settings, the wiring and the signals. Nothing else reads the environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones are the same everywhere, also in an empty container

	"github.com/alecthomas/kong"
)

// cli are the commands; settings shared by several are embedded in them.
type cli struct {
	Try     tryCommand     `cmd:"" help:"Everything on this machine without a token: a pretend Telegram, sample news, a chat page."`
	Run     runCommand     `cmd:"" help:"The bot. Needs TELEGRAM_BOT_TOKEN, or TELEGRAM_BOT_TOKEN_FILE, which names a file that holds it."`
	Inspect inspectCommand `cmd:"" help:"What the bot makes of a feed or a page: articles, text, language, summary."`
	Eval    evalCommand    `cmd:"" help:"The news side on JSON Lines, for measuring."`
	Check   checkCommand   `cmd:"" help:"What is wrong with the settings, the database, the token or the network, in plain words."`
	Backup  backupCommand  `cmd:"" help:"Copy the SQLite database, also while the bot runs."`
	Restore restoreCommand `cmd:"" help:"Put a backup in the place of the SQLite database; the old one is kept."`
	Version versionCommand `cmd:"" help:"What this binary is."`
}

// Exit codes: 0 done, 1 it went wrong while running, 2 it was asked wrongly.
const (
	exitFailed = 1
	exitUsage  = 2
)

// usageError is what the operator asked wrongly, in one sentence.
type usageError struct{ sentence string }

func (e usageError) Error() string { return e.sentence }

// surroundings are what the program finds around it.
type surroundings struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
}

func main() {
	os.Exit(run(os.Args[1:], surroundings{os.Stdin, os.Stdout, os.Stderr, os.Environ()}))
}

// run performs one command and returns the exit code. A first SIGINT or
// SIGTERM stops it gracefully, a second at once.
func run(args []string, s surroundings) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from here on a second signal ends the process
	err := perform(ctx, args, s)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errProblems):
		return exitFailed
	case errors.As(err, &wrong):
		fmt.Fprintln(s.err, "tidings: "+wrong.sentence)
		return exitUsage
	}
	fmt.Fprintf(s.err, "tidings: %v\n", err)
	return exitFailed
}

func perform(ctx context.Context, args []string, s surroundings) error {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("tidings"),
		kong.Description("A Telegram bot that follows topics and sends digests of the stories that match."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		return fmt.Errorf("read the table of commands: %w", err)
	}
	if len(args) > 0 && args[0] == "help" { // "help run" is "run --help"
		args = append(args[1:len(args):len(args)], "--help")
	}
	k, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return usageError{redacted(err.Error()) + "; see tidings --help"}
	}
	return k.Run()
}
