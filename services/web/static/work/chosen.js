// Choosing many rows of a list.

import { queue, said } from "./rows.js";

let lastBox = null;

export function counted() {
  const place = queue.querySelector("[data-chosen]");
  const count = queue.querySelectorAll("input[name=id]:checked").length;
  if (place) place.textContent = said.dataset.wordsChosen.replace("{count}", count);
}

export function choose(row) {
  const box = row && row.querySelector("input[name=id]");
  if (box) { box.checked = !box.checked; lastBox = box; counted(); }
}

export function chosenLast(box) {
  lastBox = box;
  counted();
}

export function chooseUpTo(box) {
  const boxes = Array.from(queue.querySelectorAll("input[name=id]"));
  const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
  if (from < 0) return;
  boxes.slice(from, to + 1).forEach((one) => { one.checked = true; });
  counted();
}
