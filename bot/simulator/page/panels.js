"use strict";
// The two panels beside the chats: what the bot asked of the Bot API, and the
// faults that it may be given.

const panels = (() => {
  function show(name, on) {
    if (on) for (const other of ["calls", "faults"]) if (other !== name && !$(other).hidden) show(other, false);
    $(name).hidden = !on;
    $("stage").classList.toggle("with-panel", !$("calls").hidden || !$("faults").hidden);
    $(name + "-toggle").setAttribute("aria-expanded", String(on));
  }

  for (const name of ["calls", "faults"]) {
    const close = () => { show(name, false); $(name + "-toggle").focus(); };
    $(name + "-toggle").addEventListener("click", () => {
      if (!$(name).hidden) { close(); return; }
      show(name, true);
      if (name === "calls") { list(); $("calls-close").focus(); } else { $("fault").elements.kind.focus(); }
    });
    $(name + "-close").addEventListener("click", close);
    $(name).addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
  }

  // --- calls, fetched while the panel is open ---

  let asking = false, askAgain = false;
  const opened = new Set();

  async function list() {
    if (asking) { askAgain = true; return; }
    asking = true;
    try {
      const answer = await fetch("calls" + ($("calls-polls").checked ? "?polls=1" : ""));
      drawCalls(await answer.json());
    } catch { /* the stream says when the server is gone */ }
    asking = false;
    if (askAgain) { askAgain = false; setTimeout(list, 150); }
  }

  $("calls-polls").addEventListener("change", list);

  const callKey = (c) => c.seq + "/" + (c.running ? "running" : "done");

  function drawCalls(calls) {
    const had = new Map([...$("calls-list").children].map((n) => [n.dataset.key, n]));
    const held = document.activeElement.closest?.(".call")?.dataset.key;
    $("calls-list").replaceChildren(...calls.map((c) => had.get(callKey(c)) || call(c)));
    if (held && document.activeElement === document.body) had.get(held)?.querySelector("summary").focus();
  }

  function call(c) {
    const item = draw.el("li", "call");
    item.dataset.key = callKey(c);
    const box = draw.el("details");
    box.open = opened.has(c.seq);
    box.addEventListener("toggle", () => box.open ? opened.add(c.seq) : opened.delete(c.seq));
    const sum = draw.el("summary");
    const status = c.running ? "…" : c.status ? String(c.status) : "lost";
    const badge = draw.el("span", "status " + (c.status >= 200 && c.status < 300 ? "ok" : c.running ? "" : "bad"), status);
    const took = c.running ? "" : (c.micros < 10000 ? (c.micros / 1000).toFixed(1) : Math.round(c.micros / 1000)) + " ms";
    sum.append(badge, draw.el("span", "method", c.method));
    if (c.fault) sum.append(draw.el("span", "faulty", "fault"));
    sum.append(draw.el("span", "took", took), draw.el("time", "when", new Date(c.at).toLocaleTimeString([], { hour12: false })));
    const params = {};
    for (const [k, v] of Object.entries(c.params || {})) {
      try { params[k] = /^[[{]/.test(v) ? JSON.parse(v) : v; } catch { params[k] = v; }
    }
    box.append(sum);
    if (c.fault) box.append(draw.el("p", "fault", "Fault: " + nameOf(c.fault)));
    box.append(draw.el("pre", "json", JSON.stringify(params, null, 2)));
    if (c.answer) box.append(draw.el("pre", "json answer", JSON.stringify(c.answer, null, 2)));
    item.append(box);
    return item;
  }

  // --- faults ---

  const form = $("fault"), field = form.elements;

  function nameOf(kind) {
    const option = [...field.kind.options].find((o) => o.value === kind);
    return option ? option.textContent : kind;
  }

  async function ask(path, body) {
    try { await post(path, body); } catch (err) { trouble(err.message); }
  }

  function trouble(text) {
    $("broken").textContent = text;
    $("broken").hidden = !text;
  }

  function wait() {
    const option = field.kind.selectedOptions[0], name = option.dataset.wait;
    form.querySelector(".wait").hidden = !name;
    field.seconds.disabled = !name;
    if (!name) return;
    form.querySelector(".wait-name").textContent = name;
    field.seconds.value = option.dataset.start;
  }

  // whose switches the choice of chat off for calls that name none.
  function whose() {
    field.chat.disabled = field.calls.value === "answers" || field.calls.value === "polls";
    if (field.chat.disabled) field.chat.value = "0";
  }

  field.kind.addEventListener("change", wait);
  field.calls.addEventListener("change", whose);
  wait();
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    trouble("");
    ask("fault", { kind: field.kind.value, seconds: Number(field.seconds.value), chat: field.chat.value, calls: field.calls.value, count: Number(field.count.value) });
  });
  $("faults-clear").addEventListener("click", () => { ask("unfault", { rule: 0 }); ask("latency", { millis: 0 }); });
  const words = (ms) => ms ? (ms / 1000).toFixed(1) + " s" : "none";
  $("latency").addEventListener("input", () => { $("latency-now").textContent = words(Number($("latency").value)); });
  $("latency").addEventListener("change", () => ask("latency", { millis: Number($("latency").value) }));

  // chats lists who a fault may be for.
  function chats(phones) {
    if (field.chat.options.length === phones.size + 1) return;
    const chosen = field.chat.value;
    field.chat.replaceChildren(new Option("every chat", "0"), ...[...phones.values()].map((p) => new Option(p.view.name, p.id)));
    field.chat.value = chosen;
  }

  // update shows which faults are on, in a strip above everything.
  function update(event, phones) {
    chats(phones);
    if (document.activeElement !== $("latency")) $("latency").value = event.latency;
    $("latency-now").textContent = words(event.latency);
    const on = event.faults.map((f) => {
      const who = f.chats.map((id) => phones.get(id)?.view.name || id).join(", ") || "every chat";
      const left = f.left < 0 ? "until switched off" : f.left === 1 ? "one call left" : f.left + " calls left";
      return strip(f.rule, nameOf(f.kind), `${who} · ${left}`, () => ask("unfault", { rule: f.rule }));
    });
    if (event.latency) on.push(strip("latency", "Latency", words(event.latency) + " for every call", () => ask("latency", { millis: 0 })));
    $("active").replaceChildren(...on);
    $("faults-count").textContent = on.length;
    $("faults-count").hidden = !on.length;
    $("faults-toggle").classList.toggle("on", on.length > 0);
    $("faults-clear").disabled = !on.length;
  }

  function strip(key, name, what, off) {
    const had = [...$("active").children].find((n) => n.dataset.key === String(key));
    if (had) { had.querySelector(".active-what").textContent = what; return had; }
    const item = draw.el("li", "strip fault-on");
    item.dataset.key = String(key);
    const b = draw.el("button", "off", "Switch off");
    b.setAttribute("aria-label", `Switch off: ${name}`);
    b.addEventListener("click", off);
    item.append(draw.el("strong", "", name), draw.el("span", "active-what", what), b);
    return item;
  }

  function close() {
    for (const name of ["calls", "faults"]) show(name, false);
  }

  return { update, list, trouble, close };
})();
