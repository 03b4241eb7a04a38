// What was pressed waits a moment before it is sent, so that it can be undone; one act waits at a time.

const WAIT_SECONDS = 6;
const words = document.querySelector("[data-undo-words]").dataset;
let waiting = null;

export function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "lc-button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function barOf(role, text, ...buttons) {
  const bar = document.createElement("div");
  bar.className = "lc-undo lc-noprint";
  bar.setAttribute("role", role);
  bar.tabIndex = -1;
  const said = document.createElement("span");
  said.textContent = text;
  bar.append(said, ...buttons);
  document.body.append(bar);
  return bar;
}

// `send` is told whether the focus was in the bar and whether the page is being left; `back` takes the press back.
export function wait({ name, row, send, back }) {
  now();
  const text = words.later.replace("{act}", name).replace("{count}", WAIT_SECONDS);
  const bar = barOf("status", text, button(words.undo, undo), button(words.now, () => now()));
  waiting = { row, send, back, bar, timer: setTimeout(now, WAIT_SECONDS * 1000) };
  return bar;
}

function taken() {
  const one = waiting;
  waiting = null;
  if (!one) return null;
  clearTimeout(one.timer);
  one.held = one.bar.contains(document.activeElement);
  one.bar.remove();
  return one;
}

export function undo() {
  taken()?.back();
}

export function now(leaving = false) {
  const one = taken();
  if (one) one.send({ held: one.held, leaving });
}

export function waits(row) {
  return waiting !== null && waiting.row === row;
}

export function failed(name, closed) {
  const bar = barOf("alert", words.failed.replace("{name}", name), button("×", () => { bar.remove(); closed(); }));
}

// Whoever leaves the page meant what they pressed: it is sent at once. The first of the two is early enough for a request
// that passes a service worker, the second comes on phones too.
for (const leaving of ["beforeunload", "pagehide"]) window.addEventListener(leaving, () => now(true));
