"use strict";
// Inline mode: what somebody types after the bot's name goes to the bot, whose
// results stand in the menu above; the chosen one is sent to this chat.

const inline = {
  pause: 300, // milliseconds of rest before the bot is asked

  // asked is what the composer asks the bot, null when it is not named there.
  asked(phone) {
    const name = "@" + (phone.view?.botUsername || "") + " ";
    const text = phone.input.value;
    return text.slice(0, name.length).toLowerCase() === name.toLowerCase() ? text.slice(name.length) : null;
  },

  ask(phone, text) {
    clearTimeout(phone.asking);
    phone.asking = setTimeout(() => this.show(phone, text, "", []), this.pause);
  },

  async show(phone, text, offset, before) {
    let got;
    try {
      got = await post("ask", { ...phone.place(), text, offset });
    } catch (err) {
      phone.tell(err.message);
      return;
    }
    if (this.asked(phone) !== text) return; // typed on meanwhile
    const items = (got.results || []).map((r) => phone.menuItem(r.title, r.description, () => this.share(phone, got.query, r.id)));
    const all = [...before, ...items];
    const shown = [...all];
    if (got.button) shown.unshift(phone.menuItem(got.button, "in the chat with the bot", () => this.lead(phone, got.start)));
    if (got.next) shown.push(phone.menuItem("More", "", () => this.show(phone, text, got.next, all)));
    if (!shown.length) { phone.closeMenu(); return; }
    phone.fillMenu("Headlines to share", shown, true);
    if (items.length) phone.choose(items[0]);
  },

  async share(phone, query, result) {
    phone.write("");
    phone.low = true;
    try { await post("share", { ...phone.place(), query, result }); } catch (err) { phone.tell(err.message); }
  },

  // lead opens the person's own chat with the bot and starts it there.
  lead(phone, start) {
    phone.write("");
    const own = phones.get(phone.who());
    choose(own.id);
    own.say("/start " + start);
  },
};
