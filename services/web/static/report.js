// The form of a difficulty: finds a kind, keeps the draft, and writes to this device first; sending comes after.
"use strict";

document.addEventListener("session:known", (known) => {
  // Only a commune's people write here; whoever else is signed in has no unit to send it for.
  const session = known.detail && /^\d{5}$/.test(known.detail.unit) ? known.detail : null;
  const form = document.querySelector("[data-report]");
  if (!form) return;
  const words = JSON.parse(document.body.dataset.words || "{}");
  const say = (key, values = {}) => (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const find = (selector) => form.querySelector(selector);
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d");
  const TEXTS = ["place", "tried"];
  const CHOICES = ["place_type", "tried_step"];
  const NUMBERS = ["people_affected", "cases_blocked", "cases_overdue", "amount_dong"];
  let id = null; // one per form instance: the idempotency key

  // ---- the kind ----
  const chosen = () => find("input[name=kind]:checked");
  function showKind() {
    const kind = chosen();
    find("[data-kind-chosen]").hidden = !kind;
    find("[data-kind-picker]").hidden = Boolean(kind);
    if (kind) find("[data-kind-name]").textContent = kind.dataset.name;
    form.querySelectorAll("[data-lane-note]").forEach((note) => { note.hidden = !kind || note.dataset.laneNote !== kind.dataset.lane; });
    find("[data-texts]").hidden = Boolean(kind) && kind.dataset.lane === "outside";
    form.dispatchEvent(new CustomEvent("report:kind"));
  }
  // Whoever types words that stand together means these; else every word may stand anywhere, but begins there.
  function fitting(options, parts) {
    const spaced = options.map((option) => [option, ` ${option.dataset.search}`]);
    const together = spaced.filter(([, words]) => words.includes(` ${parts.join(" ")}`));
    const apart = spaced.filter(([, words]) => parts.every((part) => words.includes(` ${part}`)));
    return new Set((together.length ? together : apart).map(([option]) => option));
  }
  function search(asked) {
    const parts = plain(asked).split(/[^0-9a-z]+/).filter(Boolean);
    const fit = fitting(Array.from(form.querySelectorAll(".kind-option")), parts);
    let found = 0;
    form.querySelectorAll(".kind-group").forEach((group) => {
      let inside = 0;
      group.querySelectorAll(".kind-option").forEach((option) => {
        option.hidden = !fit.has(option);
        inside += fit.has(option) ? 1 : 0;
      });
      group.hidden = inside === 0;
      group.open = parts.length > 0 && inside > 0;
      found += inside;
    });
    document.getElementById("kind-found").textContent = parts.length ? say(found ? "kinds_found" : "kinds_none", { count: found }) : "";
  }
  const searchBox = document.getElementById("kind-search");
  searchBox.addEventListener("input", () => search(searchBox.value));
  searchBox.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  // Arrow keys walk through radios: the picker closes on a click, on Enter and on leaving it, not on every step.
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-kind-change]")) {
      find("[data-kind-picker]").hidden = false;
      find("[data-kind-chosen]").hidden = true;
      searchBox.focus();
    } else if (event.target.name === "kind" && event.detail > 0) {
      showKind();
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.name === "kind") {
      event.preventDefault();
      event.target.checked = true;
      showKind();
      find("[data-kind-change]").focus();
    }
  });
  find("[data-kind-picker]").addEventListener("focusout", (event) => {
    if (event.relatedTarget && !find("[data-kind-picker]").contains(event.relatedTarget) && chosen()) showKind();
  });

  // ---- traces of personal data: the server decides, this only warns before the network is back ----
  const TRACES = [/\b\d{12}\b/, /\b\d{9}\b/, /(?:\+84|\b0)[35789]\d{1}[\d .]{6,10}\d\b/, /[\w.+-]+@[\w-]+\.[\w.]+/];
  form.querySelectorAll("[data-lint]").forEach((field) => field.addEventListener("input", () => {
    const warning = find(`[data-lint-for=${field.name}]`);
    warning.hidden = !TRACES.some((trace) => trace.test(field.value));
    if (!warning.hidden && !warning.textContent) warning.textContent = say("looks_personal");
  }));

  // ---- what the form holds ----
  function fields() {
    const kind = chosen();
    const taken = { kind: kind ? kind.value : "", severity: find("input[name=severity]:checked").value };
    for (const name of [...TEXTS, ...CHOICES, ...NUMBERS, "occurred_on"]) taken[name] = form.elements[name].value.trim();
    return taken;
  }
  function fill(taken) {
    for (const name of ["kind", "severity"]) {
      const radio = Array.from(form.elements[name] || []).find((one) => one.value === taken[name]);
      if (radio) radio.checked = true;
    }
    for (const name of [...TEXTS, ...CHOICES, ...NUMBERS, "occurred_on"]) form.elements[name].value = taken[name] || "";
    showKind();
  }
  function bodyOf(taken) {
    const body = { id, kind: taken.kind, severity: taken.severity, intake_channel: "web", written_at: new Date().toISOString() };
    const outside = chosen().dataset.lane === "outside";
    if (!outside) for (const name of TEXTS) if (taken[name]) body[name] = taken[name];
    for (const name of CHOICES) if (taken[name]) body[name] = taken[name];
    for (const name of NUMBERS) if (taken[name]) body[name] = Number(taken[name]);
    if (taken.occurred_on) body.occurred_at = `${taken.occurred_on}T00:00:00+07:00`;
    return body;
  }
  const draftState = find("[data-draft-state]");
  let pending = null;
  form.addEventListener("input", () => {
    if (!session) return;
    clearTimeout(pending);
    pending = setTimeout(async () => {
      await Outbox.saveDraft(session.subject, { id, ...fields() });
      draftState.textContent = say("draft_kept");
    }, 400);
  });
  const empty = (taken) => !taken.kind && ![...TEXTS, ...CHOICES, ...NUMBERS].some((name) => taken[name]);

  function firstFault(taken) {
    if (!taken.kind) return [searchBox, say("needs_kind")];
    for (const name of NUMBERS) {
      if (!form.elements[name].checkValidity()) return [form.elements[name], say("needs_number", { label: say(`field_${name}`) })];
    }
    return null;
  }
  function complain(node, sentence) {
    const error = find("[data-report-error]");
    error.textContent = sentence;
    error.hidden = !sentence;
    if (!sentence) return;
    if (node === searchBox) find("[data-kind-picker]").hidden = false;
    node.focus();
  }

  async function submit() {
    clearTimeout(pending);
    const taken = fields();
    const fault = firstFault(taken);
    complain(...(fault || [null, ""]));
    if (fault) return;
    await Outbox.add({ id, subject: session.subject, unit: session.unit, title: chosen().dataset.name, fields: taken, body: bodyOf(taken) });
    await Outbox.dropDraft(session.subject);
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    startAnew();
    draftState.textContent = say("written");
    const strip = document.querySelector("[data-outbox]");
    strip.hidden = false;
    strip.setAttribute("tabindex", "-1");
    strip.focus();
    strip.scrollIntoView({ block: "center" });
    document.dispatchEvent(new CustomEvent("outbox:added"));
  }
  function startAnew() {
    form.reset();
    form.querySelectorAll("[data-lint-for]").forEach((warning) => { warning.hidden = true; });
    id = Outbox.newId();
    searchBox.value = "";
    search("");
    const kind = chosen();
    if (kind) kind.checked = false;
    showKind();
  }
  let busy = false;
  form.addEventListener("submit", (event) => {
    if (!session) { event.preventDefault(); complain(form.querySelector("[data-report-submit]"), say("needs_session")); return; }
    event.preventDefault();
    if (busy) return; // a double click writes one letter
    busy = true;
    // Where this browser lets nothing be written (private mode), the plain form still goes to the server.
    submit().catch(() => { form.elements.id.value = id; form.submit(); }).finally(() => { busy = false; });
  });

  // A refused or waiting letter comes back into the form. Its key stays unless the server knows it for other words.
  async function edit() {
    const asked = window.location.hash.match(/^#sua=([0-9a-f-]{36})$/);
    if (!asked || !session) return false;
    const letter = await Outbox.get(asked[1]);
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    if (!letter || letter.subject !== session.subject || letter.state === "received") return false;
    id = letter.refused && letter.refused.status === 409 ? Outbox.newId() : letter.id;
    fill(letter.fields);
    await Outbox.remove(letter.id);
    await Outbox.saveDraft(session.subject, { id, ...letter.fields });
    const field = letter.refused && form.elements[letter.refused.field];
    complain(field instanceof Element ? field : find("[data-kind-change]"), letter.refused ? say("fix_this") : "");
    return true;
  }
  window.addEventListener("hashchange", edit);

  async function start() {
    const note = document.querySelector("[data-no-session]");
    note.hidden = Boolean(session);
    id = Outbox.newId();
    showKind();
    if (!session || (await edit())) return;
    const kept = await Outbox.draft(session.subject);
    if (kept && empty(fields()) && !empty(kept.fields)) {
      id = kept.fields.id || id;
      fill(kept.fields);
      draftState.textContent = say("draft_found");
    }
  }
  start();
});
