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
  // A page that goes can send nothing but this; what is sent twice has one key and counts once.
  if (leaving) fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
  else form.submit();
}
