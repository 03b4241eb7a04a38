// Taking a row in hand, the one after it or the one before.

import { showBeside } from "./beside.js";
import { WIDE, current, linkOf, mark, queue, rowsOf } from "./rows.js";

export function take(row, { focus = true } = {}) {
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
export function rest() {
  const held = current();
  const row = (held && rowsOf().includes(held) && held) || rowsOf()[0];
  if (row) linkOf(row).focus({ preventScroll: true });
  else (queue.querySelector(".lc-notice[data-focus]") || queue.querySelector("[data-part=rows]") || queue.querySelector("[data-list]")).focus({ preventScroll: true });
}

export function step(by) {
  const rows = rowsOf();
  const at = rows.indexOf(current());
  const next = at < 0 ? rows[by > 0 ? 0 : rows.length - 1] : rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  take(next);
}
