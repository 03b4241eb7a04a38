// The keys of a list, which a person may change or switch off: active while the focus is in the list or beside it, silent
// while somebody writes.

import { press } from "./beside.js";
import { choose } from "./chosen.js";
import { step } from "./hand.js";
import { current, linkOf, queue, rowsOf } from "./rows.js";
import { undo } from "./undo.js";

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

function writes(target) {
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) || (target.tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(target.type));
}

export function onKey(event) {
  if (!keys.on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
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
}

export function setUpKeys() {
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
