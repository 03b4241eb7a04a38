// Acts from beside a list: each waits a moment, and the next row is in hand at once.

import { showBeside, showNone } from "./beside.js";
import { rest, take } from "./hand.js";
import { byId, linkOf, queue, rowsOf } from "./rows.js";
import { failed, wait, waits } from "./undo.js";

const sent = new Set();
class Refused extends Error {}

export function isGone(row) {
  return sent.has(row) || waits(row);
}

export function later(form, row, name) {
  queue.querySelectorAll(".lc-notice[data-focus]").forEach((notice) => notice.remove());
  const id = row && row.dataset.item;
  const one = { letter: form.hasAttribute("data-waits") ? Waits.letterOf(form) : null, body: new FormData(form), url: form.action, template: form.dataset.keep ? form.elements.kind.value : "", slot: form.dataset.keep, row: id, name: row ? linkOf(row).textContent : name };
  const bar = wait({ name, row: id, send: ({ held }) => send(one, held), back: () => comeBack(one) });
  if (!row) return;
  const rows = rowsOf();
  const at = rows.indexOf(row);
  const next = rows[at + 1] || rows[at - 1];
  row.classList.add("is-sent");
  if (next) take(next); else { showNone(); bar.focus(); }
}

function comeBack(one) {
  const row = byId(one.row);
  if (!row) { rest(); return; }
  row.classList.remove("is-sent");
  take(row);
  // An answer comes back with the words that were about to go out.
  if (one.template) showBeside(one.row, one.template);
}

async function send(one, held) {
  if (held) rest();
  sent.add(one.row);
  try {
    const answer = await fetch(one.url, { method: "POST", body: new URLSearchParams(one.body), keepalive: true, redirect: "follow", headers: { accept: "text/html" } });
    if (answer.status > 501) throw new Error("no server behind the proxy");
    if (!answer.ok) throw new Refused(String(answer.status));
    if (one.slot) sessionStorage.removeItem(`typed:${document.body.dataset.subject || ""}:${one.slot}`);
    document.dispatchEvent(new CustomEvent("act:sent"));
  } catch (fault) {
    // No answer is no refusal: it goes once the server answers, under the key that it has.
    if (!(fault instanceof Refused) && one.letter && (await kept(one))) return;
    sent.delete(one.row);
    const row = byId(one.row);
    if (row) row.classList.remove("is-sent");
    failed(one.name, rest);
  }
}

async function kept(one) {
  try { await Waits.keep(one.letter); } catch { return false; }
  if (one.slot) sessionStorage.removeItem(`typed:${document.body.dataset.subject || ""}:${one.slot}`);
  return true;
}
