// A list of work with keys, a preview beside it, acts that can be undone for a moment, and rows that stay live.
// Without this script the same page is a list with links and forms.

const queue = document.querySelector("[data-queue]");
const said = document.querySelector("[data-said]");
const WIDE = window.matchMedia("(min-width: 1100px)");
const UNDO_SECONDS = 6;
const POLL_MS = 60_000;
const SETTLED_MS = 400;

/* ---- what is remembered of a person's keys ---- */

const KEYS_SLOT = "liencap:keys";
const usual = { after: "j", before: "k", choose: "x", open: "Enter", search: "/", main: "1", return: "3", escalate: "4", undo: "z", help: "?" };

function readKeys() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEYS_SLOT) || "null");
    if (kept && typeof kept === "object") return { on: kept.on !== false, map: { ...usual, ...kept.map } };
  } catch { /* what was kept is not readable: the usual keys hold */ }
  return { on: true, map: { ...usual } };
}
let keys = readKeys();
function keepKeys() {
  try { localStorage.setItem(KEYS_SLOT, JSON.stringify(keys)); } catch { /* a browser that keeps nothing still has the keys of this page */ }
}

/* ---- rows ---- */

const rowsOf = () => Array.from(queue.querySelectorAll("[data-item]")).filter((row) => !row.classList.contains("is-sent") && row.getClientRects().length > 0);
const linkOf = (row) => row.querySelector(".lc-row-name a");
const byId = (id) => (id ? queue.querySelector(`[data-item="${CSS.escape(id)}"]`) : null);
let hand = new URLSearchParams(location.search).get("xem");

function current() {
  return byId(hand) || null;
}

function mark(row) {
  queue.querySelectorAll('.lc-row-name a[aria-current="true"]').forEach((link) => link.removeAttribute("aria-current"));
  if (!row) return;
  hand = row.dataset.item;
  linkOf(row).setAttribute("aria-current", "true");
}

function take(row, { focus = true } = {}) {
  if (!row) return;
  const around = row.closest("details.lc-same");
  if (around) around.open = true;
  mark(row);
  const link = linkOf(row);
  if (focus) link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (WIDE.matches) showBeside(row.dataset.item);
}

// Where the focus goes when what held it is gone: the keys work from there on.
function rest() {
  const held = current();
  const row = (held && rowsOf().includes(held) && held) || rowsOf()[0];
  if (row) linkOf(row).focus({ preventScroll: true });
  else (queue.querySelector(".lc-notice[data-focus]") || queue.querySelector("[data-part=rows]") || queue.querySelector("[data-list]")).focus({ preventScroll: true });
}

function step(by) {
  const rows = rowsOf();
  const at = rows.indexOf(current());
  const next = at < 0 ? rows[by > 0 ? 0 : rows.length - 1] : rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  take(next);
}

/* ---- the item beside the list ---- */

const peek = document.querySelector("[data-peek]");
let asked = null;

async function showBeside(id, template = "") {
  if (!peek) return;
  if (asked) asked.abort();
  const mine = new AbortController();
  asked = mine;
  const query = new URLSearchParams({ hang: queue.dataset.here });
  if (template) query.set("mau", template);
  const address = new URL(location.href);
  address.searchParams.set("xem", id);
  address.searchParams.delete("mau");
  address.searchParams.delete("done");
  history.replaceState(history.state, "", address);
  // Whoever runs through the rows asks for the last of them only.
  await new Promise((done) => { setTimeout(done, template ? 0 : 80); });
  if (mine.signal.aborted) return;
  try {
    const answer = await fetch(`${queue.dataset.beside}${id}?${query}`, { signal: mine.signal, headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const html = await answer.text();
    if (mine.signal.aborted) return;
    peek.innerHTML = html;
    peek.dataset.shows = id;
    placed(id);
    document.dispatchEvent(new CustomEvent("forms:placed", { detail: peek }));
    if (template) { const words = peek.querySelector("textarea"); if (words) words.focus(); }
  } catch (error) {
    if (error.name !== "AbortError") say("");
  }
}

// Nothing is in hand: the place beside the list says what comes here.
function showNone() {
  hand = null;
  if (asked) asked.abort();
  const address = new URL(location.href);
  ["xem", "mau"].forEach((name) => address.searchParams.delete(name));
  history.replaceState(history.state, "", address);
  if (!peek) return;
  peek.replaceChildren(document.getElementById("beside-none").content.cloneNode(true));
  delete peek.dataset.shows;
}

// The list is here, so that the server need not read it again for each step through it.
function placed(id) {
  const rows = rowsOf().map((row) => row.dataset.item);
  const words = peek.querySelector("[data-place]");
  const whole = queue.querySelector("[data-whole]");
  if (words && whole && rows.includes(id)) words.textContent = said.dataset.wordsPlace.replace("{number}", rows.indexOf(id) + 1).replace("{whole}", whole.dataset.whole);
}

function say(words) {
  if (said) said.textContent = words;
}

/* ---- acts that wait a moment, so that they can be undone ---- */

let waiting = null;

function later(form, row, name) {
  now();
  queue.querySelectorAll(".lc-notice[data-focus]").forEach((notice) => notice.remove());
  const bar = document.createElement("div");
  bar.className = "lc-undo lc-noprint";
  bar.setAttribute("role", "status");
  bar.tabIndex = -1;
  const words = document.createElement("span");
  words.textContent = said.dataset.wordsLater.replace("{act}", name).replace("{count}", UNDO_SECONDS);
  const back = button(said.dataset.wordsUndo, () => undo());
  const at = button(said.dataset.wordsNow, () => now());
  bar.append(words, back, at);
  document.body.append(bar);
  waiting = { form: new FormData(form), url: form.action, mau: form.dataset.keep ? form.elements.kind.value : "", slot: form.dataset.keep, row: row && row.dataset.item, name: row ? linkOf(row).textContent : name, bar, timer: setTimeout(now, UNDO_SECONDS * 1000) };
  if (row) {
    const rows = rowsOf();
    const at = rows.indexOf(row);
    const next = rows[at + 1] || rows[at - 1];
    row.classList.add("is-sent");
    if (next) take(next); else { showNone(); bar.focus(); }
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "lc-button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function undo() {
  if (!waiting) return;
  const one = waiting;
  waiting = null;
  clearTimeout(one.timer);
  one.bar.remove();
  const row = byId(one.row);
  if (!row) { rest(); return; }
  row.classList.remove("is-sent");
  take(row);
  // An answer comes back with the words that were about to go out.
  if (one.mau) showBeside(one.row, one.mau);
}

async function now() {
  if (!waiting) return;
  const one = waiting;
  waiting = null;
  clearTimeout(one.timer);
  const held = one.bar.contains(document.activeElement);
  one.bar.remove();
  if (held) rest();
  sent.add(one.row);
  try {
    const answer = await fetch(one.url, { method: "POST", body: new URLSearchParams(one.form), keepalive: true, redirect: "follow", headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    if (one.slot) sessionStorage.removeItem(`typed:${document.body.dataset.subject || ""}:${one.slot}`);
    refresh();
  } catch {
    sent.delete(one.row);
    const row = byId(one.row);
    if (row) row.classList.remove("is-sent");
    failed(one);
  }
}
const sent = new Set();

function failed(one) {
  const bar = document.createElement("div");
  bar.className = "lc-undo lc-noprint";
  bar.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = said.dataset.wordsFailed.replace("{name}", one.name);
  bar.append(words, button("×", () => { bar.remove(); rest(); }));
  document.body.append(bar);
}

// Whoever leaves the page meant what they pressed: it is sent at once.
window.addEventListener("pagehide", () => { now(); });

/* ---- live rows: the row in hand does not move ---- */

let busy = false;
let again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.ok && !answer.redirected) putIn(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { /* the next beat asks again */ } finally {
    busy = false;
    if (again) { again = false; refresh(); }
  }
}

function putIn(page) {
  const list = queue.querySelector("[data-part=rows]");
  const fresh = page.querySelector("[data-queue] [data-part=rows]");
  if (!list || !fresh) return;
  const focused = document.activeElement && queue.querySelector("[data-list]").contains(document.activeElement) ? document.activeElement : null;
  freshHead(page, !(focused && focused.closest("[data-part=head]")));
  const held = current() || (focused && focused.closest("[data-item]")) || firstSeen(list);
  const before = held ? held.getBoundingClientRect().top : 0;
  const chosen = new Set(Array.from(list.querySelectorAll("input[name=id]:checked"), (box) => box.value));
  const open = new Set(Array.from(list.querySelectorAll("details.lc-same[open]"), (one) => one.parentElement.dataset.same));
  const id = held && held.dataset.item;
  const scrolled = list.scrollTop;
  fresh.querySelectorAll("input[name=id]").forEach((box) => { if (chosen.has(box.value)) box.checked = true; });
  fresh.querySelectorAll("[data-same]").forEach((one) => { if (open.has(one.dataset.same)) one.querySelector("details").open = true; });
  fresh.querySelectorAll("[data-item]").forEach((row) => { if (sent.has(row.dataset.item) || (waiting && waiting.row === row.dataset.item)) row.classList.add("is-sent"); });
  const inList = focused && list.contains(focused);
  const adopted = document.adoptNode(fresh);
  list.replaceWith(adopted);
  adopted.scrollTop = scrolled;
  const found = byId(id);
  if (found) {
    if (id === hand) mark(found);
    const moved = found.getBoundingClientRect().top - before;
    if (adopted.scrollHeight > adopted.clientHeight && getComputedStyle(adopted).overflowY !== "visible" && getComputedStyle(adopted).overflowY !== "clip") adopted.scrollTop += moved;
    else window.scrollBy(0, moved);
    if (inList) (focused.matches("input") ? found.querySelector("input[name=id]") || linkOf(found) : linkOf(found)).focus({ preventScroll: true });
  } else if (id === hand && rowsOf().length && inList) {
    // What was in hand is done or gone: the row that stands in its place is next.
    const next = rowsOf().find((row) => row.getBoundingClientRect().top >= before - 1) || rowsOf().at(-1);
    take(next);
  } else if (inList) {
    if (id === hand) showNone();
    rest();
  }
  counted();
}

function firstSeen(list) {
  const top = list.getBoundingClientRect().top;
  return rowsOf().find((row) => row.getBoundingClientRect().top >= Math.max(top, 0));
}

function freshHead(page, whole) {
  const put = (selector) => {
    const old = document.querySelector(selector);
    const made = page.querySelector(selector);
    if (old && made) old.replaceWith(document.adoptNode(made));
  };
  put("#views");
  // What was done stays said until the next act.
  const notices = Array.from(queue.querySelectorAll("[data-part=head] .lc-notice[data-focus]"));
  if (whole && !document.querySelector(".lc-queue-tools details[open]")) {
    put("[data-queue] [data-part=head]");
    queue.querySelector("[data-part=head]").append(...notices);
  } else put("[data-queue] [data-whole]");
  const at = page.querySelector("[data-read-at]");
  const here = document.querySelector("[data-read-at]");
  if (at && here) here.textContent = at.textContent;
}

function listen() {
  let poll = setInterval(refresh, POLL_MS);
  if (!window.EventSource || !queue.dataset.live) return;
  const source = new EventSource(queue.dataset.live);
  let settle = null;
  source.addEventListener("open", () => { clearInterval(poll); poll = null; });
  source.addEventListener("changed", () => { clearTimeout(settle); settle = setTimeout(refresh, SETTLED_MS); });
  source.addEventListener("error", () => { if (!poll) poll = setInterval(refresh, POLL_MS); });
  window.addEventListener("pagehide", () => source.close());
}

/* ---- choosing many ---- */

let lastBox = null;
function counted() {
  const place = queue.querySelector("[data-chosen]");
  const count = queue.querySelectorAll("input[name=id]:checked").length;
  if (place) place.textContent = said.dataset.wordsChosen.replace("{count}", count);
}

function choose(row) {
  const box = row && row.querySelector("input[name=id]");
  if (box) { box.checked = !box.checked; lastBox = box; counted(); }
}

/* ---- keys: active while the focus is in the list or beside it, silent while somebody writes ---- */

const acts = {
  after: () => step(1),
  before: () => step(-1),
  choose: () => choose(current()),
  search: () => document.getElementById("words")?.focus(),
  main: () => press("1"),
  return: () => press("3"),
  escalate: () => press("4"),
  undo: () => undo(),
  help: () => document.getElementById("keys")?.showModal(),
};

function press(key) {
  // What stands beside the list may still be that of the row before: a key acts on the row in hand or on none.
  if (!peek || (peek.dataset.shows !== undefined && peek.dataset.shows !== hand)) return;
  peek.querySelector(`[data-key="${key}"]`)?.click();
}

function writes(target) {
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) || (target.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(target.type));
}

document.addEventListener("keydown", (event) => {
  if (!queue || !keys.on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  // While an input method composes, a key is part of a word (229 where a browser does not say so).
  if (event.isComposing || event.keyCode === 229) return;
  const target = event.target;
  if (!(target instanceof Element) || !(queue.contains(target) || target.closest(".lc-undo"))) return;
  if (event.key === "Escape" && target.id === "words") { linkOf(current() || rowsOf()[0])?.focus(); return; }
  if (writes(target)) return;
  const act = Object.keys(acts).find((name) => keys.map[name] === event.key);
  if (!act) return;
  event.preventDefault();
  acts[act]();
});

/* ---- the page ---- */

function setUpList() {
  // What was done is said once, not again with every new row.
  const address = new URL(location.href);
  if (address.searchParams.has("done")) {
    ["done", "of"].forEach((name) => address.searchParams.delete(name));
    history.replaceState(history.state, "", address);
  }
  queue.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
      if (event.shiftKey && event.target.matches("input[name=id]")) chooseUpTo(event.target);
      return;
    }
    const link = event.target.closest(".lc-row-name a");
    const row = link && link.closest("[data-item]");
    if (row && WIDE.matches) {
      // A second press on the row in hand, or Enter on it, opens its page.
      if (hand === row.dataset.item && peek.dataset.shows === hand && event.detail !== 1) return;
      event.preventDefault();
      take(row);
      return;
    }
    const by = event.target.closest("[data-step]");
    if (by) {
      event.preventDefault();
      step(Number(by.dataset.step));
      return;
    }
    const beside = event.target.closest("a[data-beside]");
    if (beside) {
      const query = new URL(beside.href).searchParams;
      const id = query.get("xem");
      event.preventDefault();
      const wanted = byId(id);
      if (query.get("mau")) showBeside(id, query.get("mau"));
      else if (wanted) take(wanted, { focus: false });
      else showBeside(id);
    }
  });
  queue.addEventListener("change", (event) => {
    if (!event.target.matches("input[name=id]")) return;
    lastBox = event.target;
    counted();
  });
  queue.addEventListener("focusin", (event) => {
    const row = event.target.closest(".lc-row-name a") && event.target.closest("[data-item]");
    if (row && row.dataset.item !== hand && !WIDE.matches) mark(row);
    else if (row && row.dataset.item !== hand && event.target.matches(":focus-visible")) take(row, { focus: false });
  });
  queue.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-later]");
    if (!form || !window.fetch) return;
    const row = byId(hand);
    event.preventDefault();
    later(form, row, (event.submitter || form).textContent.trim());
  });
  if (hand && peek && current()) { peek.dataset.shows = hand; take(current(), { focus: document.activeElement === document.body }); }
  // After every script of the page: where an item is in hand its row has the focus, and what was done is read out.
  const notice = queue.querySelector(".lc-notice[data-focus]");
  if (notice && current()) document.addEventListener("DOMContentLoaded", () => { rest(); say(notice.textContent.trim()); });
  counted();
  listen();
}

function chooseUpTo(box) {
  const boxes = Array.from(queue.querySelectorAll("input[name=id]"));
  const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  boxes.slice(from, to + 1).forEach((one) => { one.checked = true; });
  counted();
}

function setUpKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const fields = Array.from(dialog.querySelectorAll("[data-keys-field]"));
  const on = dialog.querySelector("[data-keys-on]");
  const show = () => { on.checked = keys.on; fields.forEach((field) => { field.value = keys.map[field.dataset.keysField]; }); };
  show();
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys-open]")) { show(); dialog.showModal(); } });
  on.addEventListener("change", () => { keys.on = on.checked; keepKeys(); });
  dialog.addEventListener("input", (event) => {
    const field = event.target.closest("[data-keys-field]");
    if (!field || field.readOnly || event.isComposing || !field.value) return;
    const taken = fields.some((one) => one !== field && one.value === field.value);
    field.setCustomValidity(taken ? field.value : "");
    if (!taken) { keys.map[field.dataset.keysField] = field.value; keepKeys(); }
  });
  dialog.querySelector("[data-keys-usual]").addEventListener("click", () => { keys = { on: true, map: { ...usual } }; keepKeys(); show(); });
}

/* ---- acts on many wait a moment too ---- */

function setUpWait(form) {
  let timer = null;
  form.addEventListener("submit", (event) => {
    if (form.dataset.ready) return;
    event.preventDefault();
    if (timer) { clearTimeout(timer); timer = null; form.dataset.ready = "1"; form.requestSubmit(); return; }
    const pressed = form.querySelector("button");
    const words = pressed.textContent.trim();
    const note = document.createElement("span");
    note.setAttribute("role", "status");
    note.textContent = form.dataset.wordsLater.replace("{act}", words).replace("{count}", UNDO_SECONDS);
    const back = button(form.dataset.wordsUndo, () => { clearTimeout(timer); timer = null; note.remove(); back.remove(); pressed.focus(); });
    form.append(back, note);
    back.focus();
    timer = setTimeout(() => { form.dataset.ready = "1"; form.requestSubmit(); }, UNDO_SECONDS * 1000);
  });
}

if (queue) setUpList();
setUpKeys();
document.querySelectorAll("form[data-wait]").forEach(setUpWait);
