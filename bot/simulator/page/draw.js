"use strict";
// Drawing of messages. Everything a person or a feed wrote enters the page as
// textContent; links are made only from http and https addresses.

const draw = (() => {
  const opened = new Set(); // expanded quotes and shown spoilers, by message, version and place

  function el(tag, cls, text) {
    const node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  // href is where a link leads from here, or null when it must not be one.
  function href(address) {
    let url;
    try {
      url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(address) ? address : "http://" + address);
    } catch {
      return null;
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    return url.hostname.endsWith(".example") ? "open?url=" + encodeURIComponent(url.href) : url.href;
  }

  function anchor(address, cls) {
    const to = href(address);
    if (to === null) return el("span", cls);
    const a = el("a", cls);
    a.href = to;
    a.target = "_blank";
    a.rel = "noopener noreferrer";
    a.title = address;
    return a;
  }

  const plain = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
  const blocks = new Set(["blockquote", "expandable_blockquote", "pre"]);

  function wrap(entity, text, key, say) {
    if (plain[entity.type]) return el(plain[entity.type]);
    switch (entity.type) {
      case "text_link": return anchor(entity.url);
      case "url": return anchor(text);
      case "mention": case "hashtag": case "cashtag": case "text_mention": return el("span", "tag");
      case "bot_command": {
        const b = el("button", "command");
        b.type = "button";
        b.addEventListener("click", () => say(text));
        return b;
      }
      case "pre": {
        const p = el("pre");
        if (entity.language) p.dataset.language = entity.language;
        return p;
      }
      case "blockquote": return el("blockquote");
      case "expandable_blockquote": return quote(key);
      case "spoiler": return spoiler(key);
    }
    return el("span");
  }

  function toggle(node, key, on) {
    const set = (open) => {
      on(open);
      if (open) opened.add(key); else opened.delete(key);
    };
    set(opened.has(key));
    return () => set(!opened.has(key));
  }

  function quote(key) {
    const q = el("blockquote", "fold");
    const b = el("button", "unfold");
    b.type = "button";
    const flip = toggle(q, key, (open) => {
      q.classList.toggle("open", open);
      b.setAttribute("aria-expanded", String(open));
      b.setAttribute("aria-label", open ? "Fold the quote" : "Unfold the quote");
    });
    b.addEventListener("click", (e) => { e.stopPropagation(); flip(); });
    q.addEventListener("click", (e) => { if (!e.target.closest("a, button")) flip(); });
    q.foldButton = b;
    return q;
  }

  function spoiler(key) {
    const s = el("span", "spoiler");
    s.tabIndex = 0;
    s.setAttribute("role", "button");
    const flip = toggle(s, key, (open) => {
      s.classList.toggle("open", open);
      s.setAttribute("aria-label", open ? "" : "Hidden text, press to show");
      if (open) s.removeAttribute("aria-label");
    });
    s.addEventListener("click", flip);
    s.addEventListener("keydown", (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); flip(); } });
    return s;
  }

  // text writes a part of a message, entities within entities. Offsets are
  // UTF-16 units, which is what JavaScript counts in.
  function text(parent, whole, from, to, entities, key, say) {
    let at = from;
    const list = entities.slice();
    let afterBlock = false;
    const put = (end) => {
      let part = whole.slice(at, end);
      if (afterBlock && part.startsWith("\n")) part = part.slice(1);
      const next = list[0];
      if (next && blocks.has(next.type) && next.offset === end && part.endsWith("\n")) part = part.slice(0, -1);
      if (part) parent.append(part);
      at = end;
    };
    while (list.length) {
      const e = list[0];
      const start = Math.max(e.offset, at), end = Math.min(e.offset + e.length, to);
      if (end <= start) { list.shift(); continue; }
      put(start);
      list.shift();
      const inner = [], later = [];
      for (const o of list) {
        if (o.offset >= end) { later.push(o); continue; }
        inner.push(o);
        if (o.offset + o.length > end) later.push({ ...o, offset: end, length: o.offset + o.length - end });
      }
      const node = wrap(e, whole.slice(start, end), key + ":" + e.offset, say);
      text(node, whole, start, end, inner, key, say);
      parent.append(node);
      if (node.foldButton) node.append(node.foldButton);
      at = end;
      afterBlock = blocks.has(e.type);
      list.length = 0;
      list.push(...later.sort((a, b) => a.offset - b.offset || b.length - a.length));
    }
    put(to);
  }

  function clock(seconds) {
    return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  }

  function keyboard(rows, press) {
    const box = el("div", "keyboard");
    rows.forEach((row, r) => {
      const line = el("div", "keys");
      row.forEach((button, c) => {
        let b;
        if (button.url) {
          b = anchor(button.url, "key");
          b.append(el("span", "key-text", button.text), el("span", "corner", "↗"));
        } else {
          b = el("button", "key");
          b.type = "button";
          b.append(el("span", "key-text", button.text));
          if (button.copy_text) b.append(el("span", "corner", "⧉"));
          b.addEventListener("click", () => press(r, c, button, b));
        }
        b.dir = "auto";
        if (button.style) b.dataset.style = button.style;
        line.append(b);
      });
      box.append(line);
    });
    return box;
  }

  // message draws one bubble with its keyboard.
  function message(m, acts) {
    const item = el("article", "message " + (m.service ? "service" : m.mine ? "mine" : "theirs"));
    item.dataset.id = m.id;
    item.tabIndex = -1; // arrow keys reach it
    const at = clock(m.date);
    item.setAttribute("aria-label", `${m.mine ? "You" : m.name}, ${at}${m.edited ? ", edited" : ""}`);
    const bubble = el("div", "bubble");
    if (m.grouped && !m.mine && !m.service) bubble.append(el("div", "sender", m.name));
    if (m.via) bubble.append(el("div", "sender via", "via @" + m.via));
    if (m.reply) bubble.append(reply(m.reply, acts.show));
    if (m.photo) bubble.append(photo(m.photo));
    if (m.document) bubble.append(file(m.document));
    const body = el("div", "body");
    body.dir = "auto";
    text(body, m.text, 0, m.text.length, m.entities || [], m.id + "/" + m.version, acts.say);
    const time = el("time", "time", (m.edited ? "edited " : "") + at);
    time.dateTime = new Date(m.date * 1000).toISOString();
    if (m.text || m.service) bubble.append(body);
    bubble.append(time);
    const column = el("div", "column");
    column.append(bubble);
    if (m.keyboard && m.keyboard.length) column.append(keyboard(m.keyboard, (r, c, b, node) => acts.press(m, r, c, b, node)));
    item.append(column);
    if (!m.service) item.append(answerTo(m, acts.answer));
    return item;
  }

  function reply(to, show) {
    const b = el("button", "reply");
    b.type = "button";
    b.append(el("strong", "", to.name), el("span", "", to.text));
    b.setAttribute("aria-label", `In reply to ${to.name}: ${to.text}`);
    b.addEventListener("click", () => show(to.id));
    return b;
  }

  function answerTo(m, answer) {
    const b = el("button", "answer-to");
    b.type = "button";
    b.tabIndex = -1; // R does the same for who has no mouse
    b.title = "Reply";
    b.setAttribute("aria-label", "Reply");
    b.append(el("span", "", "↩"));
    b.addEventListener("click", () => answer(m));
    return b;
  }

  const fileAddress = (id) => "media?file=" + encodeURIComponent(id);

  function photo(p) {
    const a = el("a", "photo");
    a.href = fileAddress(p.file_id);
    a.target = "_blank";
    a.rel = "noopener noreferrer";
    const img = el("img");
    img.src = a.href;
    img.alt = "Picture";
    img.width = p.width; // the place is kept before the picture is there
    img.height = p.height;
    a.append(img);
    return a;
  }

  function file(f) {
    const name = f.file_name || "file";
    const a = el("a", "document");
    a.href = fileAddress(f.file_id);
    a.download = name;
    const what = el("span", "document-what");
    what.append(el("strong", "", name), el("span", "", size(f.file_size)));
    a.append(el("span", "sheet"), what);
    a.setAttribute("aria-label", `Download ${name}, ${size(f.file_size)}`);
    return a;
  }

  function size(bytes) {
    if (bytes < 1000) return bytes + " B";
    return bytes < 1e6 ? (bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0) + " kB" : (bytes / 1e6).toFixed(1) + " MB";
  }

  // base64 is the content of a file as JSON can carry it.
  function base64(blob) {
    return new Promise((done, fail) => {
      const r = new FileReader();
      r.onload = () => done(r.result.slice(r.result.indexOf(",") + 1));
      r.onerror = () => fail(new Error("The file cannot be read."));
      r.readAsDataURL(blob);
    });
  }

  function day(seconds) {
    const d = new Date(seconds * 1000);
    return d.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  }

  return { el, message, day, size, base64 };
})();
