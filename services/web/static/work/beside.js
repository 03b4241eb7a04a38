// The item beside the list.

import { byId, inHand, letGo, linkOf, queue, rowsOf, said, say } from "./rows.js";

export const peek = document.querySelector("[data-peek]");
let asked = null;
const SLOW = 300; // milliseconds after which the pane says that it waits

export async function showBeside(id, template = "") {
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
  const waits = setTimeout(() => { if (!mine.signal.aborted) put("beside-waits", id); }, SLOW);
  mine.signal.addEventListener("abort", () => clearTimeout(waits));
  try {
    const answer = await fetch(`${queue.dataset.beside}${id}?${query}`, { signal: mine.signal, headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    const html = await answer.text();
    if (mine.signal.aborted) return;
    clearTimeout(waits);
    peek.removeAttribute("aria-busy");
    peek.innerHTML = html;
    peek.dataset.shows = id;
    placed(id);
    document.dispatchEvent(new CustomEvent("forms:placed", { detail: peek }));
    if (template) { const words = peek.querySelector("textarea"); if (words) words.focus(); }
  } catch (error) {
    clearTimeout(waits);
    if (!mine.signal.aborted) put("beside-failed", id);
  }
}

// The item of the row before must not stand beside the row in hand: a template with the name of the row takes its place.
function put(template, id) {
  peek.replaceChildren(document.getElementById(template).content.cloneNode(true));
  delete peek.dataset.shows;
  if (template === "beside-waits") peek.setAttribute("aria-busy", "true");
  else peek.removeAttribute("aria-busy");
  const link = byId(id) && linkOf(byId(id));
  const name = peek.querySelector("[data-name]");
  name.textContent = link ? link.textContent : "";
  if (link && name.matches("a")) name.href = link.href;
  say(peek.querySelector("strong").textContent);
}

// Nothing is in hand: the place beside the list says what comes here.
export function showNone() {
  letGo();
  if (asked) asked.abort();
  const address = new URL(location.href);
  ["xem", "mau"].forEach((name) => address.searchParams.delete(name));
  history.replaceState(history.state, "", address);
  if (!peek) return;
  peek.removeAttribute("aria-busy");
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

export function press(key) {
  // What stands beside the list may still be that of the row before: a key acts on the row in hand or on none.
  if (!peek || (peek.dataset.shows !== undefined && peek.dataset.shows !== inHand())) return;
  peek.querySelector(`[data-key="${key}"]`)?.click();
}
