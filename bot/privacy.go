package bot

import (
	"context"
)

// privacy tells what is kept about a chat, and for how long.
func (b *Bot) privacy(ctx context.Context, r *request) (answer, error) {
	return answer{text: r.say.Say("privacy", nil)}, nil
}

// forgetMe asks before it erases.
func (b *Bot) forgetMe(ctx context.Context, r *request) (answer, error) {
	var keys keyboard
	keys.add(2, r.say.Plain("button_forget", nil), "forget:yes")
	keys.add(2, r.say.Plain("button_keep", nil), "forget:no")
	return answer{text: r.say.Say("forget_ask", nil), keyboard: keys.rows}, nil
}

// pressForget erases the chat at once; the answer is the last thing that is
// sent to it. A chat that this very press made known was erased before, and is
// so again whichever button it was.
func (b *Bot) pressForget(ctx context.Context, r *request) (answer, error) {
	if r.args != "yes" && !r.fresh {
		return answer{text: r.say.Say("forget_kept", nil)}, nil
	}
	if err := b.shelf.EraseChat(ctx, r.chat.ID); err != nil {
		return answer{}, err
	}
	r.tuneMenu("")
	return answer{text: r.say.Say("forgotten", nil)}, nil
}
