// The item beside the list.

import { inHand, letGo, queue, rowsOf, said, say } from "./rows.js";

export const peek = document.querySelector("[data-peek]");
let asked = null;

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
export function showNone() {
  letGo();
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

export function press(key) {
  // What stands beside the list may still be that of the row before: a key acts on the row in hand or on none.
  if (!peek || (peek.dataset.shows !== undefined && peek.dataset.shows !== inHand())) return;
  peek.querySelector(`[data-key="${key}"]`)?.click();
}
