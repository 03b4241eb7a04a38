// A list of work with keys, a preview beside it, acts that can be undone for a moment, and rows that stay live.
// Without this script the same page is a list with links and forms.

import { peek, showBeside } from "./beside.js";
import { chooseUpTo, chosenLast, counted } from "./chosen.js";
import { rest, step, take } from "./hand.js";
import { onKey, setUpKeys } from "./keys.js";
import { later } from "./later.js";
import { listen, refresh } from "./live.js";
import { WIDE, byId, current, inHand, mark, queue, say } from "./rows.js";

const plain = (event) => event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

function onClick(event) {
  if (event.shiftKey && event.target.matches("input[name=id]")) chooseUpTo(event.target);
  if (event.defaultPrevented || !plain(event)) return;
  const link = event.target.closest(".lc-row-name a");
  const row = link && link.closest("[data-item]");
  const by = event.target.closest("[data-step]");
  const beside = event.target.closest("a[data-beside]");
  // A second press on the row in hand, or Enter on it, opens its page.
  const opens = row && inHand() === row.dataset.item && peek.dataset.shows === inHand() && event.detail !== 1;
  if (row && WIDE.matches) {
    if (opens) return;
    take(row);
  } else if (by) step(Number(by.dataset.step));
  else if (beside) besideOf(new URL(beside.href).searchParams);
  else return;
  event.preventDefault();
}

function besideOf(query) {
  const [id, template] = [query.get("xem"), query.get("mau")];
  if (template) showBeside(id, template);
  else if (byId(id)) take(byId(id), { focus: false });
  else showBeside(id);
}

function onFocus(event) {
  const row = event.target.closest(".lc-row-name a") && event.target.closest("[data-item]");
  if (!row || row.dataset.item === inHand()) return;
  if (!WIDE.matches) mark(row);
  else if (event.target.matches(":focus-visible")) take(row, { focus: false });
}

function onSubmit(event) {
  const form = event.target.closest("form[data-later]");
  if (!form) return;
  event.preventDefault();
  later(form, byId(inHand()), (event.submitter || form).textContent.trim());
}

// What was done is said once, not again with every new row.
function saidOnce() {
  const address = new URL(location.href);
  if (!address.searchParams.has("done")) return;
  ["done", "of"].forEach((name) => address.searchParams.delete(name));
  history.replaceState(history.state, "", address);
}

saidOnce();
queue.addEventListener("click", onClick);
queue.addEventListener("change", (event) => { if (event.target.matches("input[name=id]")) chosenLast(event.target); });
queue.addEventListener("focusin", onFocus);
queue.addEventListener("submit", onSubmit);
document.addEventListener("keydown", onKey);
document.addEventListener("act:sent", refresh);
if (peek && current()) { peek.dataset.shows = inHand(); take(current(), { focus: document.activeElement === document.body }); }
// After every script of the page: where an item is in hand its row has the focus, and what was done is read out.
const notice = queue.querySelector(".lc-notice[data-focus]");
if (notice && current()) document.addEventListener("DOMContentLoaded", () => { rest(); say(notice.textContent.trim()); });
counted();
listen();
setUpKeys();
