// What every page does with JavaScript: the device's theme, typed text that survives, copying, dialogs, focus.
"use strict";

(() => {
  const root = document.documentElement;
  if (root.hasAttribute("data-theme-auto")) {
    // In the cached shell the cookie is read here, because no server does; without a choice the style sheet follows the system.
    const kept = document.cookie.match(/(?:^|; )liencap_theme=(light|dark)/);
    if (kept) root.setAttribute("data-theme", kept[1]);
  }

  // Forms with data-keep hold their text until they are sent: a change of language or a conflict loses nothing.
  const slotOf = (form) => `typed:${document.body.dataset.subject || ""}:${document.body.dataset.unit || ""}:${form.dataset.keep}`;
  const isKept = (field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type);

  function typedInto(form) {
    try { return JSON.parse(sessionStorage.getItem(slotOf(form)) || "null"); } catch { return null; }
  }

  // What was kept comes before what the browser brought back, which is never whole: from here on it brings nothing back.
  function restoreTyped(form) {
    form.setAttribute("autocomplete", "off");
    const typed = typedInto(form);
    if (!typed) return;
    for (const field of form.elements) {
      if (!isKept(field) || !(field.name in typed)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = typed[field.name] === field.value;
      else if (!field.options || Array.from(field.options).some((one) => one.value === typed[field.name])) field.value = typed[field.name];
    }
    const around = form.closest("details");
    if (around) around.open = true;
    const act = form.closest(".lc-act");
    if (act) act.classList.add("is-open");
  }

  // A choice that nobody made is not kept: the page may offer another one the next time.
  const isOffered = (field) => field.tagName === "SELECT" && (field.selectedOptions[0] || {}).defaultSelected !== false;
  function keepTyped(form) {
    const typed = {};
    const before = typedInto(form) || {};
    for (const field of form.elements) {
      if (!isKept(field)) continue;
      if (field.type === "radio" || field.type === "checkbox") { if (field.checked) typed[field.name] = field.value; }
      else if (field.value && (field.name in before || !isOffered(field))) typed[field.name] = field.value;
    }
    try {
      if (Object.keys(typed).length) sessionStorage.setItem(slotOf(form), JSON.stringify(typed));
      else sessionStorage.removeItem(slotOf(form));
    } catch { /* a full or closed store: nobody was told that it is kept, and the screen has it */ }
  }

  function forgetTyped() {
    // The server says with data-forget which form it has taken.
    document.querySelectorAll("[data-forget]").forEach((mark) => {
      sessionStorage.removeItem(`typed:${document.body.dataset.subject || ""}:${document.body.dataset.unit || ""}:${mark.dataset.forget}`);
    });
  }

  function enliven(scope) {
    forgetTyped();
    scope.querySelectorAll("form[data-keep]").forEach(restoreTyped);
    scope.querySelectorAll("[data-needs-script]").forEach((node) => { node.hidden = false; });
    // What was done is read out first; else whoever was refused stands before what to mend.
    const target = scope.querySelector("[data-focus], main [aria-invalid=true]");
    if (target && !document.body.hasAttribute("data-stay")) target.focus();
  }

  async function copyStatus(button) {
    const words = button.dataset.copy;
    let copied = false;
    try { await navigator.clipboard.writeText(words); copied = true; } catch { copied = copyBySelection(words); }
    const said = button.parentElement.querySelector("[data-copied]");
    if (said) { said.hidden = false; said.textContent = copied ? said.dataset.copied : words; }
  }

  // Over plain http there is no clipboard; the old way still works there.
  function copyBySelection(words) {
    const box = document.createElement("textarea");
    box.value = words;
    box.setAttribute("readonly", "");
    document.body.append(box);
    box.select();
    const copied = document.execCommand("copy");
    box.remove();
    return copied;
  }

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.dataset.keep) keepTyped(form);
  });
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) copyStatus(copy);
    const print = event.target.closest("[data-print]");
    if (print) window.print();
    const shut = event.target.closest(".lc-act a[href='#main']");
    if (shut) shut.closest(".lc-act").classList.remove("is-open");
    const close = event.target.closest("[data-dialog-close]");
    if (close) close.closest("dialog").close();
    document.querySelectorAll("details.lc-menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  // The form of an act opens at its address; its first field is where one goes on.
  function focusAct() {
    const field = document.querySelector(".lc-act:target :is(select, textarea, input:not([type=hidden]), button)");
    if (field) field.focus();
  }
  window.addEventListener("hashchange", focusAct);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.lc-menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  // A filter applies at once; its button stays for those without JavaScript.
  document.addEventListener("change", (event) => {
    const named = event.target.type === "file" && event.target.parentElement.querySelector("[data-file-name]");
    if (named && event.target.files.length) named.textContent = Array.from(event.target.files, (one) => one.name).join(", ");
    const form = event.target.form;
    if (form && form.hasAttribute("data-submit-on-change")) form.requestSubmit();
  });
  // A file may be dropped anywhere on its form, as if it had been chosen.
  const dropping = (event) => event.target.closest && event.target.closest("form[data-drop]");
  ["dragenter", "dragover", "dragleave", "drop"].forEach((name) => document.addEventListener(name, (event) => {
    const form = dropping(event);
    if (!form) return;
    event.preventDefault();
    form.classList.toggle("is-dropping", name === "dragenter" || name === "dragover");
    const field = form.querySelector("input[type=file]");
    if (name !== "drop" || !field || !event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }));
  document.addEventListener("DOMContentLoaded", () => { focusAct(); enliven(document); });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-keep]").forEach(restoreTyped);
  });
  document.addEventListener("htmx:after:swap", () => enliven(document));
  document.addEventListener("form:kept", (event) => { if (event.target.dataset.keep) sessionStorage.removeItem(slotOf(event.target)); });
  document.addEventListener("forms:placed", (event) => event.detail.querySelectorAll("form[data-keep]").forEach(restoreTyped));
})();
