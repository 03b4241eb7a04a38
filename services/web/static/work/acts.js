// The forms of acts on a page of their own: what was pressed waits a moment, stands still, and can be undone.
// Without this script the same forms are sent at once.

import { wait } from "./undo.js";

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-later]");
  if (!form) return;
  event.preventDefault();
  const pressed = event.submitter || form.querySelector("button");
  const back = () => { form.inert = false; pressed.focus(); };
  form.inert = true;
  wait({ name: pressed.textContent.trim(), send: ({ leaving }) => send(form, leaving), back }).focus();
});

function send(form, leaving) {
  form.inert = false;
  if (!leaving && form.hasAttribute("data-waits")) { Waits.send(form); return; }
  if (!leaving) { form.submit(); return; }
  // A page that goes can send nothing but this; what is sent twice has one key and counts once.
  fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true }).catch(() => {});
  if (document.body.hasAttribute("data-cut")) Waits.leave(form);
}
