"use strict";
// The page: chats side by side, or one at a time on a phone, drawn from a
// stream of events.

const phones = new Map(); // chat id → Phone
let shown = null; // the chat that is open on a narrow screen
let world = null; // which simulator the phones show

addEventListener("error", (e) => panels.trouble("This page has stumbled: " + e.message + ". Reload it to be sure."));
addEventListener("unhandledrejection", (e) => panels.trouble("This page has stumbled: " + (e.reason?.message || e.reason) + ". Reload it to be sure."));

const narrow = matchMedia("(max-width: 760px)");

// choose opens a chat: alone on a narrow screen, beside the others on a wide one.
function choose(id) {
  shown = id;
  phones.get(id).open = true;
  arrange();
  const p = phones.get(id);
  p.tab.classList.remove("news");
  p.bottom();
  p.grow();
}

// arrange shows each phone or not, and says so on its tab.
function arrange() {
  for (const p of phones.values()) {
    const on = narrow.matches ? p.id === shown : p.open;
    p.node.classList.toggle("closed", !on);
    p.tab.setAttribute("aria-pressed", String(on));
    if (on) { p.fold(); p.grow(); if (p.low) p.bottom(); }
  }
}

narrow.addEventListener("change", arrange);

function turn(p) {
  if (narrow.matches) panels.close(); // they cover the chats there
  if (narrow.matches || !p.open) { choose(p.id); return; }
  if ([...phones.values()].filter((o) => o.open).length > 1) { p.open = false; arrange(); }
}

$("tabs").addEventListener("keydown", (e) => {
  if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
  e.preventDefault();
  const tabs = [...$("tabs").children], at = tabs.indexOf(document.activeElement);
  tabs[(at + (e.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length].focus();
});

function add(view) {
  const p = new Phone(view);
  p.open = !view.people || innerWidth >= 1500; // groups need the room
  p.tab.addEventListener("click", () => turn(p));
  phones.set(view.id, p);
  $("people").append(p.node);
  $("tabs").append(p.tab);
  return p;
}

// begin forgets what another simulator had shown at this address.
function begin(run) {
  world = run;
  for (const p of phones.values()) { p.node.remove(); p.tab.remove(); }
  phones.clear();
  shown = null;
}

function take(event) {
  if (event.run !== world) begin(event.run);
  for (const view of event.people) {
    let p = phones.get(view.id);
    const known = Boolean(p);
    p ??= add(view);
    if (p.update(view) && known && p.node.classList.contains("closed")) p.tab.classList.add("news");
    $("title").textContent = view.botName;
  }
  if (shown === null && phones.size) choose(phones.keys().next().value);
  for (const t of event.toasts) phones.get(t.chat)?.answered(t);
  panels.update(event, phones);
  if (!$("calls").hidden) panels.list();
}

// The stream. The browser reconnects by itself after a lost connection, not
// after an answer that was no stream, nor when the line went silent.
let stream, silence;
const patience = 50000; // the server says something every 20 s

function listen() {
  stream?.close();
  stream = new EventSource("events");
  stream.onopen = heard;
  stream.onmessage = (e) => { heard(); take(JSON.parse(e.data)); };
  stream.onerror = () => {
    lost(true);
    if (stream.readyState === EventSource.CLOSED) { clearTimeout(silence); silence = setTimeout(listen, 2000); }
  };
}

function heard() {
  lost(false);
  clearTimeout(silence);
  silence = setTimeout(() => { lost(true); listen(); }, patience);
}

function lost(yes) {
  $("lost").hidden = !yes;
  $("link").textContent = yes ? "retrying" : "live";
  $("link").className = "link " + (yes ? "lost" : "live");
}

listen();
