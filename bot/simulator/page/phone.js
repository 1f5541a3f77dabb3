"use strict";
// A phone: one chat of the page, with its messages, its composer and its menu
// of commands. Everything that is shown comes from the server's view of the
// chat; the page only remembers what was drawn.

const $ = (id) => document.getElementById(id);
const maxFile = 20 << 20; // what a bot can download

async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error("Nobody answers. Is the trial still running?");
  }
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

class Phone {
  constructor(view) {
    this.id = view.id;
    this.drawn = new Map(); // message id → { version, node }
    this.waiting = new Map(); // callback query id → button
    this.early = new Set(); // queries answered before the press came back
    this.thread = "0";
    this.low = true; // the newest message is in sight
    this.node = $("person").content.firstElementChild.cloneNode(true);
    this.node.id = "chat-" + view.id;
    for (const name of ["avatar", "name", "role", "state", "acting", "actor", "block", "threads", "log", "newer", "toast", "drop", "menu", "answering",
      "attached", "composer", "attach", "file", "start", "alert", "send"]) {
      this[name] = this.node.querySelector("." + name);
    }
    this.input = this.node.querySelector("textarea");
    this.menuToggle = this.node.querySelector(".menu-toggle");
    this.asFile = this.node.querySelector(".as-file");
    this.typing = draw.el("div", "typing");
    this.typing.append(draw.el("i"), draw.el("i"), draw.el("i"));
    this.typing.setAttribute("aria-label", "typing");
    this.menu.id = "menu-" + view.id;
    this.input.setAttribute("aria-controls", this.menu.id);
    this.menuToggle.setAttribute("aria-controls", this.menu.id);
    this.tab = draw.el("button", "tab");
    this.tab.setAttribute("aria-controls", this.node.id);
    this.listen();
  }

  listen() {
    this.composer.addEventListener("submit", (e) => { e.preventDefault(); this.submit(); });
    this.input.addEventListener("keydown", (e) => this.key(e));
    this.input.addEventListener("beforeinput", (e) => this.broken(e));
    this.input.addEventListener("input", () => { this.grow(); this.offer(); });
    this.input.addEventListener("paste", (e) => { const f = e.clipboardData.files[0]; if (f) { e.preventDefault(); this.take(f); } });
    this.menuToggle.addEventListener("click", () => this.menu.hidden ? this.openMenu("") : this.closeMenu());
    this.start.addEventListener("click", () => this.begin());
    this.block.addEventListener("click", () => this.setBlocked(!this.view.blocked));
    this.newer.addEventListener("click", () => { this.bottom(); this.input.focus(); });
    this.log.addEventListener("scroll", () => this.scrolled());
    this.log.addEventListener("load", () => { if (this.low) this.bottom(); }, true); // a picture came
    this.log.addEventListener("keydown", (e) => this.walk(e));
    this.node.addEventListener("focusout", (e) => { if (!this.node.contains(e.relatedTarget)) this.closeMenu(); });
    this.node.querySelector(".answering-end").addEventListener("click", () => { this.answer(null); this.input.focus(); });
    this.attach.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => { this.take(this.file.files[0]); this.file.value = ""; });
    this.node.querySelector(".attached-end").addEventListener("click", () => { this.take(null); this.input.focus(); });
    this.listenToDrops();
    this.listenToAlert();
    new ResizeObserver(() => this.resized()).observe(this.log);
  }

  listenToDrops() {
    let depth = 0; // dragenter and dragleave come for every child
    const show = (on) => { this.drop.hidden = !on || this.composer.hidden; };
    this.node.addEventListener("dragenter", (e) => { if (e.dataTransfer.types.includes("Files")) { depth++; show(true); } });
    this.node.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) show(false); });
    this.node.addEventListener("dragover", (e) => e.preventDefault());
    this.node.addEventListener("drop", (e) => {
      e.preventDefault();
      depth = 0;
      show(false);
      if (e.dataTransfer.files[0] && !this.composer.hidden) this.take(e.dataTransfer.files[0]);
    });
  }

  listenToAlert() {
    const ok = this.alert.querySelector("button");
    ok.addEventListener("click", () => { this.alert.hidden = true; (this.before?.isConnected ? this.before : this.input).focus(); });
    this.alert.addEventListener("keydown", (e) => {
      if (e.key === "Escape") ok.click();
      if (e.key === "Tab") e.preventDefault(); // one button: the focus stays on it
    });
  }

  // key is what the composer does with keys: the menu takes arrows, Enter and
  // Tab while it is open.
  key(e) {
    if (e.isComposing) return;
    this.shifted = e.shiftKey;
    this.entered = false;
    const open = !this.menu.hidden, chosen = this.menu.querySelector("[aria-selected=true]");
    const plain = !e.shiftKey && !e.ctrlKey && !e.altKey && !e.metaKey;
    if (open && plain && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
      e.preventDefault();
      this.moveChoice(e.key === "ArrowDown" ? 1 : -1);
    } else if (open && chosen?.dataset.command && plain && e.key === "Tab") {
      e.preventDefault();
      this.write(chosen.dataset.command + " ");
    } else if (e.key === "Enter" && !e.shiftKey) {
      e.preventDefault();
      this.entered = true;
      if (open && chosen) chosen.click(); else this.submit();
    } else if (e.key === "Escape") {
      if (open) this.closeMenu(); else if (this.replyTo) this.answer(null); else if (this.upload) this.take(null);
    }
  }

  // broken sends for keyboards on a screen whose Enter comes only as a new line.
  broken(e) {
    if (e.inputType !== "insertLineBreak" || this.shifted) return;
    e.preventDefault();
    if (!this.entered) this.submit();
    this.entered = false;
  }

  // walk moves between messages with the arrow keys; R replies.
  walk(e) {
    const item = document.activeElement.closest?.(".message");
    if (document.activeElement !== this.log && document.activeElement !== item) return; // a button or link has its own keys
    const items = [...this.log.querySelectorAll(".message")];
    if (e.key === "ArrowUp" || e.key === "ArrowDown") {
      e.preventDefault();
      const at = item ? items.indexOf(item) + (e.key === "ArrowUp" ? -1 : 1) : items.length - 1;
      items[Math.max(0, Math.min(at, items.length - 1))]?.focus();
    } else if (item && (e.key === "r" || e.key === "R") && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      item.querySelector(".answer-to")?.click();
    } else if (e.key === "Escape") {
      this.input.focus();
    }
  }

  begin() {
    if (this.view.blocked) this.setBlocked(false); else this.say("/start");
    this.focusSoon = true; // the button goes, the composer comes
  }

  // who is the person that acts: the chat's own, or the one chosen in a group.
  who() { return this.view.people ? this.actor.value : this.id; }
  place() { return { person: this.who(), chat: this.id, thread: this.thread }; }

  submit() {
    const text = this.input.value.trim();
    if (!text && !this.upload) return;
    const reply = this.replyTo?.id || "0", file = this.upload;
    this.write("");
    this.answer(null);
    this.take(null);
    this.say(text, reply, file);
  }

  order(command) {
    if (/^\/\S*$/.test(this.input.value)) this.write("");
    this.closeMenu();
    this.say(command);
  }

  write(text) {
    this.input.value = text;
    this.input.focus();
    this.grow();
    this.offer();
  }

  async say(text, reply = "0", file = null) {
    this.low = true;
    try {
      const upload = file && { name: file.name, picture: file.picture && !file.plain, data: await draw.base64(file.blob) };
      await post("say", { ...this.place(), text, reply, upload });
    } catch (err) {
      this.tell(err.message);
      if (!this.input.value) { this.input.value = text; this.grow(); }
      if (file && !this.upload) this.take(file.blob);
    }
  }

  // answer makes the next message a reply to m; null: to nothing.
  answer(m) {
    this.replyTo = m;
    this.answering.hidden = !m;
    if (!m) return;
    this.node.querySelector(".answering-name").textContent = m.name;
    this.node.querySelector(".answering-text").textContent = m.text || m.document?.file_name || "Picture";
    this.input.focus();
  }

  // take keeps a file for the next message; null: none.
  take(blob) {
    URL.revokeObjectURL(this.upload?.url);
    this.upload = null;
    this.attached.hidden = true;
    if (blob && blob.size > maxFile) { this.tell("A bot can read files of up to 20 MB; this one is larger."); return; }
    if (blob && !blob.size) { this.tell("This file is empty."); return; }
    if (blob) {
      const picture = blob.type === "image/png" || blob.type === "image/jpeg";
      this.upload = { blob, name: blob.name || "file", picture, plain: false, url: picture ? URL.createObjectURL(blob) : "" };
      const thumb = this.node.querySelector(".thumb");
      thumb.replaceChildren(picture ? Object.assign(draw.el("img"), { src: this.upload.url, alt: "" }) : draw.el("span", "sheet"));
      this.node.querySelector(".attached-name").textContent = this.upload.name;
      this.node.querySelector(".attached-size").textContent = draw.size(blob.size);
      this.asFile.hidden = !picture;
      const box = this.asFile.querySelector("input");
      box.checked = false;
      box.onchange = () => { this.upload.plain = box.checked; };
      this.attached.hidden = false;
      this.input.focus();
    }
    this.grow();
  }

  async press(message, row, column, button, node) {
    if (button.copy_text) {
      try { await navigator.clipboard.writeText(button.copy_text.text); this.tell("Copied"); } catch { this.tell("The browser did not allow copying"); }
      return;
    }
    if (!button.callback_data) { this.tell("This kind of button does nothing here"); return; }
    node.classList.add("busy");
    try {
      const { query } = await post("press", { ...this.place(), message: message.id, row, column });
      if (this.early.delete(query)) { node.classList.remove("busy"); return; }
      this.waiting.set(query, node);
      setTimeout(() => { if (this.waiting.delete(query)) node.classList.remove("busy"); }, 15000);
    } catch (err) {
      node.classList.remove("busy");
      this.tell(err.message);
    }
  }

  // answered shows what the bot answered a press with.
  answered(toast) {
    const button = this.waiting.get(toast.query);
    if (button) button.classList.remove("busy"); else this.early.add(toast.query);
    this.waiting.delete(toast.query);
    if (!toast.text) return;
    if (!toast.alert) { this.tell(toast.text); return; }
    this.before = document.activeElement;
    this.alert.querySelector("p").textContent = toast.text;
    this.alert.hidden = false;
    this.alert.querySelector("button").focus();
  }

  tell(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, 4000);
  }

  async setBlocked(blocked) {
    try { await post("block", { ...this.place(), blocked }); } catch (err) { this.tell(err.message); }
  }

  offer() {
    const m = /^\/([a-z0-9_]*)$/i.exec(this.input.value), asked = inline.asked(this);
    if (m) this.openMenu(m[1].toLowerCase()); else if (asked !== null) inline.ask(this, asked); else this.closeMenu();
  }

  // openMenu shows the commands that begin with prefix, the first one chosen.
  openMenu(prefix) {
    const fitting = (this.view.commands || []).filter((c) => c.command.startsWith(prefix));
    if (!fitting.length) { this.closeMenu(); return; }
    this.fillMenu("Commands", fitting.map((c) => {
      const b = this.menuItem("/" + c.command, c.description, () => this.order("/" + c.command));
      b.dataset.command = "/" + c.command;
      return b;
    }));
  }

  menuItem(name, what, act) {
    const b = draw.el("div", "menu-item"), more = draw.el("span", "menu-what", what), first = draw.el("span", "menu-name", name);
    b.setAttribute("role", "option");
    first.dir = more.dir = "auto";
    b.append(first, more);
    b.addEventListener("mousedown", (e) => e.preventDefault()); // the focus stays in the composer
    b.addEventListener("click", act);
    return b;
  }

  // fillMenu shows items, the first one chosen; tall ones have a line for each part.
  fillMenu(label, items, tall = false) {
    this.menu.classList.toggle("tall", tall);
    items.forEach((item, i) => { item.id = `${this.menu.id}-${i}`; });
    this.menu.replaceChildren(...items);
    this.menu.setAttribute("aria-label", label);
    this.menu.hidden = false;
    this.menu.scrollTop = 0;
    this.menuToggle.setAttribute("aria-expanded", "true");
    this.choose(this.menu.firstChild);
    if (!matchMedia("(pointer: coarse)").matches) this.input.focus(); // on a phone the keyboard would cover the menu
  }

  moveChoice(by) {
    const items = [...this.menu.children];
    const at = items.findIndex((i) => i.getAttribute("aria-selected") === "true");
    this.choose(items[(at + by + items.length) % items.length]);
  }

  choose(item) {
    for (const other of this.menu.children) other.setAttribute("aria-selected", String(other === item));
    this.input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  closeMenu() {
    this.menu.hidden = true;
    this.menuToggle.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  grow() {
    this.input.style.height = "";
    if (this.input.scrollHeight) this.input.style.height = Math.min(this.input.scrollHeight, 140) + "px"; // 0 while hidden
    this.composer.classList.toggle("ready", this.input.value.trim() !== "" || Boolean(this.upload));
  }

  // resized keeps the newest message in sight when the room changes; scrolled
  // waits for it, because a changed room scrolls by itself.
  resized() {
    this.size = this.log.clientWidth + "×" + this.log.clientHeight;
    this.fold();
    if (this.low) this.bottom();
  }

  scrolled() {
    if (this.size !== this.log.clientWidth + "×" + this.log.clientHeight) return;
    this.low = this.near();
    if (this.low) this.newer.hidden = true;
  }

  near() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 90; }

  bottom() {
    this.log.scrollTop = this.log.scrollHeight;
    this.low = true;
    this.newer.hidden = true;
  }

  // fold shows the fold only of quotes that it shortens.
  fold() {
    for (const q of this.log.querySelectorAll(".fold:not(.open)")) {
      if (q.clientHeight) q.classList.toggle("short", q.scrollHeight <= q.clientHeight + 1);
    }
  }

  // update draws a new view of the chat and says whether there is news in it.
  update(view) {
    const first = !this.view;
    this.view = view;
    const group = Boolean(view.people);
    this.avatar.textContent = [...view.name][0] || "?";
    this.avatar.dataset.hue = String(((Number(BigInt(view.id) % 6n)) + 6) % 6);
    this.name.textContent = view.name;
    this.role.textContent = view.role;
    this.role.hidden = !view.role;
    this.role.dataset.role = view.role;
    this.state.textContent = this.stateWords(view);
    this.block.hidden = group;
    this.block.textContent = view.blocked ? "Unblock" : "Block";
    this.block.setAttribute("aria-label", `${view.blocked ? "Unblock" : "Block"} the bot as ${view.name}`);
    this.node.setAttribute("aria-label", group ? view.name : `${view.name}’s chat with ${view.botName}`);
    this.log.setAttribute("aria-label", `Messages of ${view.name}. Arrow keys move between them, R replies.`);
    this.input.setAttribute("aria-label", group ? `Message in ${view.name}` : `Message as ${view.name}`);
    this.tab.textContent = view.name;
    const fresh = !group && !view.started && !view.messages.length;
    this.start.hidden = !fresh && !view.blocked;
    this.start.textContent = view.blocked ? "Unblock" : "Start";
    this.start.classList.toggle("danger", view.blocked);
    this.composer.hidden = fresh || view.blocked;
    if (this.composer.hidden) { this.closeMenu(); this.answer(null); this.take(null); }
    this.menuToggle.hidden = !(view.commands || []).length;
    if (group) this.updateGroup(view);
    const news = view.messages.length > 0 && view.messages.at(-1).id !== this.newest;
    this.newest = view.messages.at(-1)?.id;
    this.messages(view, first, fresh);
    if (this.focusSoon && !this.composer.hidden) {
      this.focusSoon = false;
      if (document.activeElement === document.body || document.activeElement === this.start) this.input.focus();
    }
    return news;
  }

  stateWords(view) {
    if (view.blocked) return `has blocked ${view.botName}`;
    if (view.people) return view.people.map((p) => p.admin ? p.name + " (admin)" : p.name).concat(view.botName).join(", ");
    return [view.username && "@" + view.username, view.language].filter(Boolean).join(" · ");
  }

  updateGroup(view) {
    const who = this.actor.value;
    this.acting.hidden = view.people.length < 2;
    this.actor.setAttribute("aria-label", `Who writes in ${view.name}`);
    if (this.actor.options.length !== view.people.length) {
      this.actor.replaceChildren(...view.people.map((p) => new Option(p.name, p.id)));
      if (who) this.actor.value = who;
      this.actor.onchange = () => { this.drawn.forEach((had) => had.node.remove()); this.drawn.clear(); this.messages(this.view, true, false); };
    }
    this.threads.hidden = !view.threads.length;
    this.threads.replaceChildren(...[{ id: "0", name: "General" }, ...view.threads].map((t) => {
      const b = draw.el("button", "thread", t.name);
      b.type = "button";
      b.dataset.id = t.id;
      b.setAttribute("aria-pressed", String(t.id === this.thread));
      b.addEventListener("click", () => { this.thread = t.id; this.answer(null); this.update(this.view); this.bottom(); this.threads.querySelector(`[data-id="${t.id}"]`).focus(); });
      return b;
    }));
  }

  messages(view, first, fresh) {
    const stick = first || this.low;
    const grew = this.sync(view, fresh);
    this.fold();
    clearTimeout(this.typingTimer);
    this.typing.remove();
    if (view.typing > 0) {
      this.log.append(this.typing);
      this.typingTimer = setTimeout(() => this.typing.remove(), view.typing);
    }
    if (stick) this.bottom(); else if (grew) this.newer.hidden = false;
    if (first) setTimeout(() => this.log.classList.add("settled"), 300); // what was there before does not rise
  }

  // sync brings the drawn bubbles in line with the chat, touching only what changed.
  sync(view, fresh) {
    const acts = {
      say: (t) => this.say(t),
      press: (...a) => this.press(...a),
      answer: (m) => this.answer(m),
      show: (id) => { const n = this.drawn.get(id)?.node; n?.scrollIntoView({ block: "center" }); n?.focus(); },
    };
    const keep = new Set();
    let grew = false, before = null, day = "";
    const put = (node) => {
      const place = before ? before.nextSibling : this.log.firstChild;
      if (place !== node) this.log.insertBefore(node, place);
      before = node;
    };
    const piece = (id, version, make) => {
      let had = this.drawn.get(id);
      if (!had || had.version !== version) {
        const node = make();
        if (had) this.replace(had.node, node); else grew = true;
        had = { version, node };
        this.drawn.set(id, had);
      }
      keep.add(id);
      put(had.node);
      return had.node;
    };
    if (fresh) piece("about", view.about, () => this.welcome(view));
    let last = null;
    for (const m of view.messages) {
      if (view.threads?.length && (m.thread || "0") !== this.thread) continue;
      if (view.people) m.mine = m.from === this.who();
      m.grouped = Boolean(view.people);
      const d = draw.day(m.date);
      if (d !== day) { piece("day " + d, d, () => draw.el("div", "day", d)); last = null; }
      day = d;
      const node = piece(m.id, m.version, () => draw.message(m, acts));
      node.classList.toggle("first", !last || last.mine !== m.mine || last.from !== m.from);
      last = m;
    }
    for (const [id, had] of this.drawn) {
      if (!keep.has(id)) { had.node.remove(); this.drawn.delete(id); }
    }
    return grew;
  }

  // replace puts the edited bubble in the old one's place, and the focus where it was.
  replace(old, node) {
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const at = held ? [...old.querySelectorAll(".key")].indexOf(held) : -1;
    node.classList.add("changed");
    old.replaceWith(node);
    if (!held) return;
    const keys = node.querySelectorAll(".key");
    (keys[Math.min(Math.max(at, 0), keys.length - 1)] || node).focus({ preventScroll: true });
  }

  welcome(view) {
    const box = draw.el("div", "welcome");
    box.append(draw.el("span", "welcome-mark"), draw.el("h3", "", view.botName), draw.el("p", "welcome-name", "@" + view.botUsername));
    const about = draw.el("p", "welcome-about", view.about || "No messages here yet. Press Start to begin.");
    about.dir = "auto";
    box.append(about);
    return box;
  }
}
