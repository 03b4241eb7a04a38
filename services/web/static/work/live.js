// Rows that stay live: the row in hand does not move.

import { showNone } from "./beside.js";
import { counted } from "./chosen.js";
import { rest, take } from "./hand.js";
import { isGone } from "./later.js";
import { byId, current, inHand, linkOf, mark, queue, rowsOf } from "./rows.js";

const POLL_MS = 60_000;
const SETTLED_MS = 400;
let busy = false;
let again = false;

export async function refresh() {
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
  fresh.querySelectorAll("[data-item]").forEach((row) => { if (isGone(row.dataset.item)) row.classList.add("is-sent"); });
  const inList = focused && list.contains(focused);
  const adopted = document.adoptNode(fresh);
  list.replaceWith(adopted);
  adopted.scrollTop = scrolled;
  const found = byId(id);
  if (found) {
    if (id === inHand()) mark(found);
    const moved = found.getBoundingClientRect().top - before;
    if (adopted.scrollHeight > adopted.clientHeight && getComputedStyle(adopted).overflowY !== "visible" && getComputedStyle(adopted).overflowY !== "clip") adopted.scrollTop += moved;
    else window.scrollBy(0, moved);
    if (inList) (focused.matches("input") ? found.querySelector("input[name=id]") || linkOf(found) : linkOf(found)).focus({ preventScroll: true });
  } else if (id === inHand() && rowsOf().length && inList) {
    // What was in hand is done or gone: the row that stands in its place is next.
    const next = rowsOf().find((row) => row.getBoundingClientRect().top >= before - 1) || rowsOf().at(-1);
    take(next);
  } else if (inList) {
    if (id === inHand()) showNone();
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

export function listen() {
  let poll = setInterval(refresh, POLL_MS);
  if (!window.EventSource || !queue.dataset.live) return;
  const source = new EventSource(queue.dataset.live);
  let settle = null;
  source.addEventListener("open", () => { clearInterval(poll); poll = null; });
  source.addEventListener("changed", () => { clearTimeout(settle); settle = setTimeout(refresh, SETTLED_MS); });
  source.addEventListener("error", () => { if (!poll) poll = setInterval(refresh, POLL_MS); });
  window.addEventListener("pagehide", () => source.close());
}
