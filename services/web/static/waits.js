// Forms that may wait for a link (data-waits): with one they are sent as any form, without one they become a letter of
// this device. Forms that may not wait say so instead of leading to a page that does not come.
"use strict";

self.Waits = (() => {
  const REACH_MS = 5_000;
  const AT_ONCE_MS = 10_000;
  const words = () => JSON.parse(document.body.dataset.words || "{}");
  const say = (key) => words()[key] || key;
  let session = null;
  const mends = new WeakMap(); // a form → the letter that stands in it, and who holds it
  const busy = new WeakSet();

  const nameOf = (field) => {
    const label = field.labels && field.labels[0];
    return (label ? label.firstChild.textContent : field.name).trim();
  };
  function wordsOf(field) {
    if (field.tagName === "SELECT") return field.value && field.selectedOptions[0].textContent.trim();
    return field.type === "date" ? field.value.split("-").reverse().join("/") : field.value.trim();
  }
  const isSeen = (field) => field.name && !["hidden", "submit", "button", "file"].includes(field.type);

  // What the form holds, with the names and words that its writer sees.
  function letterOf(form, pressed) {
    if (!session) return null;
    const data = new FormData(form, pressed && pressed.form === form ? pressed : null);
    const url = new URL(form.action).pathname;
    const key = ["key", "id"].find((name) => data.get(name)) || "";
    const seen = Array.from(form.elements).filter((field) => isSeen(field) && wordsOf(field) && (field.checked || !/radio|checkbox/.test(field.type)));
    return {
      form: form.dataset.waits,
      id: (key && data.get(key)) || Outbox.newId(),
      key,
      subject: session.subject,
      unit: session.unit,
      role: session.role,
      title: titleOf(form),
      url,
      page: form.dataset.page || (form.hasAttribute("data-later") ? url.replace(/\/[^/]+$/, "") : window.location.pathname),
      fields: Array.from(data.entries()),
      shown: seen.map((field) => [nameOf(field), wordsOf(field)]),
    };
  }
  function titleOf(form) {
    const what = (form.dataset.title || form.querySelector("button.lc-button-main, button.lc-button-grave, button")?.textContent || "").trim();
    const named = form.elements[form.dataset.aboutFrom];
    const about = (named && named.value.trim()) || form.dataset.about || document.querySelector("h1")?.textContent.trim() || "";
    return [what, about].filter((part, at, all) => part && all.indexOf(part) === at).join(" · ");
  }

  // Said at the form, and read out; the text on the screen stays as it is where it was not kept.
  function tell(form, key, tone) {
    let said = form.querySelector(":scope > [data-waits-said]");
    if (!said) {
      said = document.createElement("p");
      said.dataset.waitsSaid = "";
      said.tabIndex = -1;
      form.prepend(said);
    }
    said.className = tone === "late" ? "lc-fault" : "lc-notice is-ok";
    said.setAttribute("role", tone === "late" ? "alert" : "status");
    said.textContent = say(key);
    said.hidden = false;
    said.focus();
  }

  async function keep(letter, mend = null) {
    const kept = await Outbox.add(letter, mend);
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    document.dispatchEvent(new CustomEvent("outbox:added"));
    return kept;
  }

  // A mended letter that is taken at once leads to the page as it is now; later somebody may be writing there.
  function openWhenTaken(letter) {
    const pressed = Date.now();
    Outbox.onChange(async () => {
      if (Date.now() - pressed > AT_ONCE_MS) return;
      const now = (await Outbox.list(session).catch(() => [])).find((one) => one.id === letter.id);
      if (now && now.state === "received") window.location.assign(now.page);
    });
  }

  function empty(form) {
    form.reset();
    mends.delete(form);
    // A key belongs to one letter.
    for (const name of ["key", "id"]) if (form.elements[name]) form.elements[name].value = Outbox.newId();
    form.dispatchEvent(new CustomEvent("form:kept", { bubbles: true }));
  }

  // Returns whether the form is on its way: to the server, or into the outbox.
  async function send(form, pressed = null) {
    if (busy.has(form)) return false;
    busy.add(form);
    try {
      if (!session) { tell(form, "needs_session", "late"); return false; }
      const mend = mends.get(form);
      // What was mended goes as a letter also with a link: its words stay here until the server took them.
      if (!mend && (await submitted(form, pressed))) return true;
      try {
        const kept = await keep(letterOf(form, pressed), mend);
        if (mend) openWhenTaken(kept);
      } catch {
        // Nothing can be written here, and the letter that was to be mended stays.
        if (mend && (await submitted(form, pressed))) return true;
        tell(form, "not_kept", "late");
        return false;
      }
      empty(form);
      tell(form, "kept_here", "ok");
      return true;
    } finally { busy.delete(form); }
  }
  async function submitted(form, pressed) {
    if (document.body.hasAttribute("data-shell") || !(await Outbox.reach(REACH_MS))) return false;
    if (pressed && pressed.name) addPressed(form, pressed);
    form.submit();
    return true;
  }
  function addPressed(form, pressed) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: pressed.name, value: pressed.value });
    form.append(field);
  }

  // A page that goes takes its request with it where there is no link: the letter has the same key, so it counts once.
  const leave = (form) => { if (session && form.dataset.waits) keep(letterOf(form)).catch(() => {}); };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-report")) return;
    if (form.hasAttribute("data-later") && document.querySelector("[data-undo-words]")) return; // it waits a moment first
    if (form.hasAttribute("data-waits")) {
      event.preventDefault();
      send(form, event.submitter);
    } else if (document.body.hasAttribute("data-cut") && !form.hasAttribute("data-sign-out")) {
      event.preventDefault();
      tell(form, "cannot_wait", "late");
    }
  });

  // A letter that is mended stands in its form again, on the page as it is now: what changed since can be read above it.
  async function mend() {
    const asked = window.location.hash.match(/^#sua=([0-9a-f-]{36})$/);
    if (!asked || !session || document.querySelector("[data-report]")) return;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    const letter = (await Outbox.list(session)).find((one) => one.id === asked[1]);
    if (!letter) return;
    const fits = (form) => new URL(form.action).pathname === letter.url || (form.hasAttribute("data-page") && form.dataset.waits === letter.form);
    const form = Array.from(document.querySelectorAll("form[data-waits]")).find(fits);
    const strip = document.querySelector("[data-outbox]");
    // The step is not open any more: the outbox shows the words, to be copied.
    if (!form) { if (strip) strip.scrollIntoView(); document.querySelector(`[data-letter="${letter.id}"] details`)?.setAttribute("open", ""); return; }
    const holder = Outbox.newId();
    if (!(await Outbox.hold(letter.id, session, holder))) return;
    fill(form, letter);
    mends.set(form, { id: letter.id, holder });
  }
  function fill(form, letter) {
    for (const [name, value] of letter.fields) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (!isSeen(field)) continue;
        if (/radio|checkbox/.test(field.type)) field.checked = field.value === value; else field.value = value;
      }
    }
    form.dispatchEvent(new CustomEvent("form:filled", { detail: letter }));
    form.closest(".lc-act")?.classList.add("is-open");
    const around = form.closest("details");
    if (around) around.open = true;
    (Array.from(form.elements).find(isSeen) || form.querySelector("button")).focus();
  }

  document.addEventListener("session:known", (known) => { session = known.detail; mend(); });
  window.addEventListener("hashchange", mend);

  return { send, letterOf, keep, leave };
})();
