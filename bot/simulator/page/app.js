"use strict";
// The page: one column per person, drawn from a stream of events.

const $ = (id) => document.getElementById(id);
const phones = new Map(); // person id → Phone
let shown = null; // the person whose tab is open on a narrow screen

async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}

class Phone {
  constructor(view) {
    this.id = view.id;
    this.drawn = new Map(); // message id → { version, node }
    this.waiting = new Map(); // callback query id → button
    this.node = $("person").content.firstElementChild.cloneNode(true);
    this.node.id = "phone-" + view.id;
    for (const name of ["avatar", "name", "role", "state", "block", "log", "newer", "toast", "menu", "composer", "start", "alert", "send"]) {
      this[name] = this.node.querySelector("." + name);
    }
    this.input = this.node.querySelector("textarea");
    this.menuToggle = this.node.querySelector(".menu-toggle");
    this.typing = draw.el("div", "typing");
    this.typing.append(draw.el("i"), draw.el("i"), draw.el("i"));
    this.typing.setAttribute("aria-label", "typing");
    this.listen();
    this.tab = draw.el("button", "tab");
    this.tab.setAttribute("role", "tab");
    this.tab.setAttribute("aria-controls", this.node.id);
    this.tab.addEventListener("click", () => choose(this.id));
  }

  listen() {
    this.composer.addEventListener("submit", (e) => { e.preventDefault(); this.submit(); });
    this.input.addEventListener("keydown", (e) => this.key(e));
    this.input.addEventListener("input", () => { this.grow(); this.offer(); });
    this.menuToggle.addEventListener("click", () => this.menu.hidden ? this.openMenu("", true) : this.closeMenu());
    this.start.addEventListener("click", () => this.view.blocked ? this.setBlocked(false) : this.say("/start"));
    this.block.addEventListener("click", () => this.setBlocked(!this.view.blocked));
    this.newer.addEventListener("click", () => this.bottom());
    this.log.addEventListener("scroll", () => { if (this.near()) this.newer.hidden = true; });
    this.menu.addEventListener("keydown", (e) => this.walkMenu(e));
    const ok = this.alert.querySelector("button");
    ok.addEventListener("click", () => { this.alert.hidden = true; this.input.focus(); });
    this.alert.addEventListener("keydown", (e) => {
      if (e.key === "Escape") ok.click();
      if (e.key === "Tab") e.preventDefault(); // one button: the focus stays on it
    });
  }

  key(e) {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      this.submit();
    } else if (e.key === "Escape") {
      this.closeMenu();
    } else if ((e.key === "ArrowUp" || e.key === "ArrowDown") && !this.menu.hidden) {
      e.preventDefault();
      const items = this.menu.querySelectorAll("button");
      items[e.key === "ArrowDown" ? 0 : items.length - 1]?.focus();
    }
  }

  walkMenu(e) {
    const items = [...this.menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    if (e.key === "Escape") { this.closeMenu(); this.input.focus(); }
    if (e.key === "ArrowDown") { e.preventDefault(); items[(at + 1) % items.length].focus(); }
    if (e.key === "ArrowUp") { e.preventDefault(); items[(at + items.length - 1) % items.length].focus(); }
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.closeMenu();
    this.say(text);
  }

  async say(text) {
    this.stick = true;
    try {
      await post("say", { person: this.id, text });
    } catch (err) {
      this.tell(err.message);
      if (!this.input.value) this.input.value = text;
    }
  }

  async press(message, row, column, button, node) {
    if (button.copy_text) {
      try { await navigator.clipboard.writeText(button.copy_text.text); this.tell("Copied"); } catch { this.tell("The browser did not allow copying"); }
      return;
    }
    if (!button.callback_data) { this.tell("This kind of button does nothing here"); return; }
    node.classList.add("busy");
    try {
      const { query } = await post("press", { person: this.id, message: message.id, row, column });
      const early = this.early?.get(query);
      if (early) { node.classList.remove("busy"); return; }
      this.waiting.set(query, node);
      setTimeout(() => { this.waiting.delete(query); node.classList.remove("busy"); }, 15000);
    } catch (err) {
      node.classList.remove("busy");
      this.tell(err.message);
    }
  }

  // answered shows what the bot answered a press with.
  answered(toast) {
    (this.early ??= new Map()).set(toast.query, true);
    this.waiting.get(toast.query)?.classList.remove("busy");
    this.waiting.delete(toast.query);
    if (!toast.text) return;
    if (!toast.alert) { this.tell(toast.text); return; }
    this.alert.querySelector("p").textContent = toast.text;
    this.alert.hidden = false;
    this.alert.querySelector("button").focus();
  }

  tell(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, 3500);
  }

  async setBlocked(blocked) {
    try { await post("block", { person: this.id, blocked }); } catch (err) { this.tell(err.message); }
  }

  offer() {
    const m = /^\/([a-z0-9_]*)$/i.exec(this.input.value);
    if (m) this.openMenu(m[1].toLowerCase(), false); else this.closeMenu();
  }

  openMenu(prefix, focus) {
    const fitting = (this.view.commands || []).filter((c) => c.command.startsWith(prefix));
    this.menu.replaceChildren(...fitting.map((c) => {
      const b = draw.el("button", "menu-item");
      b.type = "button";
      b.setAttribute("role", "menuitem");
      const what = draw.el("span", "menu-what", c.description);
      what.dir = "auto";
      b.append(draw.el("span", "menu-name", "/" + c.command), what);
      b.addEventListener("click", () => { this.input.value = ""; this.grow(); this.closeMenu(); this.say("/" + c.command); this.input.focus(); });
      return b;
    }));
    if (!fitting.length) {
      if (!focus) { this.closeMenu(); return; }
      this.menu.append(draw.el("p", "menu-none", "The bot has not set any commands yet."));
    }
    const low = this.near();
    this.menu.hidden = false;
    if (low) this.bottom();
    this.menuToggle.setAttribute("aria-expanded", "true");
    if (focus) this.menu.querySelector("button")?.focus();
  }

  closeMenu() {
    const low = this.near();
    this.menu.hidden = true;
    if (low) this.bottom();
    this.menuToggle.setAttribute("aria-expanded", "false");
  }

  grow() {
    const low = this.near();
    this.input.style.height = "";
    if (this.input.scrollHeight) this.input.style.height = Math.min(this.input.scrollHeight, 140) + "px"; // 0 while hidden
    if (low) this.bottom();
    this.composer.classList.toggle("ready", this.input.value.trim() !== "");
  }

  near() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 90; }

  bottom() {
    this.log.scrollTop = this.log.scrollHeight;
    this.newer.hidden = true;
  }

  update(view) {
    const first = !this.view;
    this.view = view;
    this.avatar.textContent = [...view.name][0] || "?";
    this.avatar.dataset.hue = String(Number(BigInt(view.id) % 6n));
    this.name.textContent = view.name;
    this.role.textContent = view.role;
    this.role.hidden = !view.role;
    this.role.dataset.role = view.role;
    this.state.textContent = view.blocked ? `has blocked ${view.botName}` : [view.username && "@" + view.username, view.language].filter(Boolean).join(" · ");
    this.block.textContent = view.blocked ? "Unblock" : "Block";
    this.block.setAttribute("aria-label", `${view.blocked ? "Unblock" : "Block"} the bot as ${view.name}`);
    this.node.setAttribute("aria-label", `${view.name}’s chat with ${view.botName}`);
    this.log.setAttribute("aria-label", `Messages of ${view.name}`);
    this.input.setAttribute("aria-label", `Message as ${view.name}`);
    this.tab.textContent = view.name;
    const fresh = !view.started && !view.messages.length;
    this.start.hidden = !fresh && !view.blocked;
    this.start.textContent = view.blocked ? "Unblock" : "Start";
    this.start.classList.toggle("danger", view.blocked);
    this.composer.hidden = fresh || view.blocked;
    this.menuToggle.hidden = !(view.commands || []).length;
    this.messages(view, first, fresh);
  }

  messages(view, first, fresh) {
    const stick = first || this.stick || this.near();
    this.stick = false;
    const grew = this.sync(view, fresh);
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
    const acts = { say: (t) => this.say(t), press: (...a) => this.press(...a) };
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
        if (had) had.node.replaceWith(node); else grew = true;
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
      const d = draw.day(m.date);
      if (d !== day) { piece("day " + d, d, () => draw.el("div", "day", d)); last = null; }
      day = d;
      const node = piece(m.id, m.version, () => draw.message(m, acts));
      node.classList.toggle("first", !last || last.mine !== m.mine);
      last = m;
    }
    for (const [id, had] of this.drawn) {
      if (!keep.has(id)) { had.node.remove(); this.drawn.delete(id); }
    }
    return grew;
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

function choose(id) {
  shown = id;
  for (const p of phones.values()) {
    const on = p.id === id;
    p.node.classList.toggle("chosen", on);
    p.tab.setAttribute("aria-selected", String(on));
    p.tab.tabIndex = on ? 0 : -1;
    if (on) { p.tab.classList.remove("news"); p.bottom(); p.grow(); }
  }
}

$("tabs").addEventListener("keydown", (e) => {
  if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
  const ids = [...phones.keys()];
  const next = ids[(ids.indexOf(shown) + (e.key === "ArrowRight" ? 1 : ids.length - 1)) % ids.length];
  choose(next);
  phones.get(next).tab.focus();
});

function take(event) {
  for (const view of event.people) {
    let p = phones.get(view.id);
    if (!p) {
      p = new Phone(view);
      phones.set(view.id, p);
      $("people").append(p.node);
      $("tabs").append(p.tab);
    } else if (p.id !== shown) {
      p.tab.classList.add("news");
    }
    p.update(view);
    $("title").textContent = view.botName;
  }
  if (shown === null && phones.size) choose(phones.keys().next().value);
  for (const t of event.toasts) phones.get(t.person)?.answered(t);
  if (!$("calls").hidden) listCalls();
}

// Calls of the bot, fetched while the panel is open.
let asking = false, askAgain = false;

async function listCalls() {
  if (asking) { askAgain = true; return; }
  asking = true;
  try {
    const answer = await fetch("calls" + ($("calls-polls").checked ? "?polls=1" : ""));
    drawCalls(await answer.json());
  } catch { /* the stream says when the server is gone */ }
  asking = false;
  if (askAgain) { askAgain = false; setTimeout(listCalls, 150); }
}

const openCalls = new Set();

function drawCalls(list) {
  const had = new Map([...$("calls-list").children].map((n) => [n.dataset.key, n]));
  $("calls-list").replaceChildren(...list.map((c) => had.get(callKey(c)) || drawCall(c)));
}

function callKey(c) { return c.seq + "/" + (c.running ? "running" : "done"); }

function drawCall(c) {
  const item = draw.el("li", "call");
  item.dataset.key = callKey(c);
  const box = draw.el("details");
  box.open = openCalls.has(c.seq);
  box.addEventListener("toggle", () => box.open ? openCalls.add(c.seq) : openCalls.delete(c.seq));
  const sum = draw.el("summary");
  const status = c.running ? "…" : c.status ? String(c.status) : "lost";
  const badge = draw.el("span", "status " + (c.status >= 200 && c.status < 300 ? "ok" : c.running ? "" : "bad"), status);
  const took = c.running ? "" : (c.micros < 10000 ? (c.micros / 1000).toFixed(1) : Math.round(c.micros / 1000)) + " ms";
  sum.append(badge, draw.el("span", "method", c.method), draw.el("span", "took", took), draw.el("time", "when", new Date(c.at).toLocaleTimeString([], { hour12: false })));
  const params = {};
  for (const [k, v] of Object.entries(c.params || {})) {
    try { params[k] = /^[[{]/.test(v) ? JSON.parse(v) : v; } catch { params[k] = v; }
  }
  box.append(sum, draw.el("pre", "json", JSON.stringify(params, null, 2)));
  if (c.answer) box.append(draw.el("pre", "json answer", JSON.stringify(c.answer, null, 2)));
  if (c.fault) box.append(draw.el("p", "fault", "Fault: " + c.fault));
  item.append(box);
  return item;
}

function showCalls(on) {
  $("calls").hidden = !on;
  $("stage").classList.toggle("with-calls", on);
  $("calls-toggle").setAttribute("aria-expanded", String(on));
  if (on) { listCalls(); $("calls-close").focus(); } else { $("calls-toggle").focus(); }
}

$("calls-toggle").addEventListener("click", () => showCalls($("calls").hidden));
$("calls-close").addEventListener("click", () => showCalls(false));
$("calls-polls").addEventListener("change", listCalls);
document.addEventListener("keydown", (e) => { if (e.key === "Escape" && $("calls").contains(document.activeElement)) showCalls(false); });
addEventListener("resize", () => { for (const p of phones.values()) if (p.near()) p.bottom(); });

const stream = new EventSource("events");
stream.onopen = () => { $("link").textContent = "live"; $("link").className = "link live"; };
stream.onmessage = (e) => take(JSON.parse(e.data));
stream.onerror = () => { $("link").textContent = "reconnecting"; $("link").className = "link lost"; };
