package simulator

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

func TestAnIndependentClientUnderstandsTheAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Token: token, People: people()})
		l := newPipe()
		server := &http.Server{Handler: s}
		go server.Serve(l)
		transport := &http.Transport{DialContext: l.dial}
		defer func() {
			s.Close()
			server.Close()
			transport.CloseIdleConnections()
			synctest.Wait()
		}()

		bot, err := tgbotapi.NewBotAPIWithClient(token, "http://sim/bot%s/%s", &http.Client{Transport: transport})
		if err != nil || bot.Self.ID != 4242 || bot.Self.UserName != "tidings_bot" {
			t.Fatalf("NewBotAPI = %+v, %v", bot, err)
		}
		if _, err := s.Say(reader, "/start t_berlin"); err != nil {
			t.Fatal(err)
		}
		list, err := bot.GetUpdates(tgbotapi.UpdateConfig{Timeout: 30})
		if err != nil || len(list) != 1 || list[0].Message.Command() != "start" || list[0].Message.CommandArguments() != "t_berlin" || list[0].Message.From.LanguageCode != "de-AT" {
			t.Fatalf("GetUpdates = %+v, %v", list, err)
		}

		c := tgbotapi.NewMessage(reader, "Berlin")
		c.Entities = []tgbotapi.MessageEntity{{Type: "bold", Offset: 0, Length: 6}}
		c.ReplyMarkup = tgbotapi.NewInlineKeyboardMarkup(tgbotapi.NewInlineKeyboardRow(tgbotapi.NewInlineKeyboardButtonData("Undo", "u:1")))
		sent, err := bot.Send(c)
		if err != nil || sent.Text != "Berlin" || len(sent.Entities) != 1 || *sent.ReplyMarkup.InlineKeyboard[0][0].CallbackData != "u:1" {
			t.Fatalf("Send = %+v, %v", sent, err)
		}
		if _, err := s.Press(reader, reader, 0, ByLabel("Undo")); err != nil {
			t.Fatal(err)
		}
		list, err = bot.GetUpdates(tgbotapi.UpdateConfig{Offset: list[0].UpdateID + 1, Timeout: 30})
		if err != nil || len(list) != 1 || list[0].CallbackQuery.Data != "u:1" || list[0].CallbackQuery.Message.MessageID != sent.MessageID {
			t.Fatalf("GetUpdates after a press = %+v, %v", list, err)
		}
		if _, err := bot.Request(tgbotapi.NewCallback(list[0].CallbackQuery.ID, "undone")); err != nil {
			t.Errorf("answer the press: %v", err)
		}

		s.AddFault(Fault{Kind: FaultTooMany, RetryAfter: 35, Count: 1})
		var refused *tgbotapi.Error
		if _, err := bot.Send(c); !errors.As(err, &refused) || refused.Code != 429 || refused.RetryAfter != 35 {
			t.Errorf("a 429 is read as %v", err)
		}
		group := s.AddGroup(Group{Title: "Family", Admins: []int64{admin}})
		if err := s.Invite(admin, group, Rights{Send: true}); err != nil {
			t.Fatal(err)
		}
		moved, err := s.Migrate(group)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bot.Send(tgbotapi.NewMessage(group, "x")); !errors.As(err, &refused) || refused.MigrateToChatID != moved {
			t.Errorf("a migration is read as %v, want %d", err, moved)
		}
		if _, err := bot.Send(tgbotapi.MessageConfig{BaseChat: tgbotapi.BaseChat{ChatID: moved, ReplyMarkup: tgbotapi.NewInlineKeyboardMarkup()}, Text: "x"}); !errors.As(err, &refused) ||
			refused.Message != `Bad Request: field "inline_keyboard" must be of type Array` {
			t.Errorf("a keyboard without rows is read as %v", err)
		}
	})
}
