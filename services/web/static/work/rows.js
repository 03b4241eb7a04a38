// The rows of a list, and which of them is in hand.

export const queue = document.querySelector("[data-queue]");
export const said = document.querySelector("[data-said]");
export const WIDE = window.matchMedia("(min-width: 1100px)");

export const rowsOf = () => Array.from(queue.querySelectorAll("[data-item]")).filter((row) => !row.classList.contains("is-sent") && row.getClientRects().length > 0);
export const linkOf = (row) => row.querySelector(".lc-row-name a");
export const byId = (id) => (id ? queue.querySelector(`[data-item="${CSS.escape(id)}"]`) : null);

let hand = new URLSearchParams(location.search).get("xem");

export const inHand = () => hand;
export const current = () => byId(hand);

export function mark(row) {
  queue.querySelectorAll('.lc-row-name a[aria-current="true"]').forEach((link) => link.removeAttribute("aria-current"));
  if (!row) return;
  hand = row.dataset.item;
  linkOf(row).setAttribute("aria-current", "true");
}

export function letGo() {
  hand = null;
}

export function say(words) {
  said.textContent = words;
}
