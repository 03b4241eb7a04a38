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
  const TEXTS = ["place", "content", "request", "tried"];
  const NEEDED = ["content", "request"]; // unless the kind takes no text
  const CHOICES = ["place_type", "tried_step"];
  const NUMBERS = ["people_affected", "cases_blocked", "cases_overdue", "amount_dong"];
  const FIELDS = [...TEXTS, ...CHOICES, ...NUMBERS, "occurred_on"];
  let id = null; // one per form instance: the idempotency key; no draft has it
  // What a browser brings back by itself is never whole: here the draft is brought back, and nothing else.
  form.setAttribute("autocomplete", "off");

  // ---- the kind ----
  const chosen = () => find("input[name=kind]:checked");
  function showKind() {
    const kind = chosen();
    find("[data-kind-chosen]").hidden = !kind;
    find("[data-kind-picker]").hidden = Boolean(kind);
    if (kind) find("[data-kind-name]").textContent = kind.dataset.name;
    form.querySelectorAll("[data-lane-note]").forEach((note) => { note.hidden = !kind || note.dataset.laneNote !== kind.dataset.lane; });
    const outside = Boolean(kind) && kind.dataset.lane === "outside";
    form.querySelectorAll("[data-texts]").forEach((part) => { part.hidden = outside; });
    for (const name of NEEDED) form.elements[name].required = !outside;
    const placed = Boolean(kind) && "placed" in kind.dataset;
    find("[data-place-needed]").hidden = !placed;
    form.elements.place.required = placed;
    form.dispatchEvent(new CustomEvent("report:kind"));
  }
  // What was found stands in a list of its own, the best first; an empty search puts every kind back under its group.
  const found = find("[data-kind-found]");
  const options = new Map(Array.from(form.querySelectorAll("[data-kind-option]"), (option) => [option.dataset.kind, option]));
  const homes = new Map(Array.from(options.values(), (option) => [option, option.parentElement]));
  // What people call a kind comes apart from the page and stays on the device; without it the names are searched.
  let entries = null;
  async function learn() {
    let called = {};
    try { called = await (await Outbox.within(8_000, form.dataset.kindWords, { cache: "default" })).json(); } catch { /* the names are known */ }
    entries = Array.from(options, ([key, option]) => KindSearch.entry(key, called[key] || option.querySelector("input").dataset.name));
    if (searchBox.value) search(searchBox.value);
  }
  function search(asked) {
    if (!entries) return; // it is done once the words are here
    const keys = KindSearch.rank(entries, asked);
    const searching = Boolean(asked.trim());
    homes.forEach((group, option) => group.append(option));
    if (searching) for (const key of new Set([...keys, found.dataset.kindFound])) if (options.has(key)) found.append(options.get(key));
    found.hidden = !searching;
    find("[data-kind-groups]").hidden = searching;
    document.getElementById("kind-found").textContent = searching ? say(keys.length ? "kinds_found" : "kinds_none", { count: keys.length }) : "";
  }
  const searchBox = document.getElementById("kind-search");
  searchBox.addEventListener("input", () => search(searchBox.value));
  learn();
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
    if (!warning.hidden) warning.querySelector("span").textContent = say("looks_personal");
  }));

  // ---- what the form holds ----
  function fields() {
    const kind = chosen();
    const taken = { kind: kind ? kind.value : "", severity: find("input[name=severity]:checked").value };
    for (const name of FIELDS) taken[name] = form.elements[name].value.trim();
    return taken;
  }
  function fill(taken) {
    for (const name of ["kind", "severity"]) {
      const radio = Array.from(form.elements[name] || []).find((one) => one.value === taken[name]);
      if (radio) radio.checked = true;
    }
    for (const name of FIELDS) form.elements[name].value = taken[name] || "";
    const more = find("[data-more]");
    if (FIELDS.some((name) => taken[name] && more.contains(form.elements[name]))) more.open = true; // nothing that stands there is hidden
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
  // The pages that one tab shows one after another continue one draft; two tabs write two.
  // What came filled in is a report of its own: no draft is brought into it, and none is written over.
  const isFilled = form.hasAttribute("data-filled");
  const tab = isFilled ? Outbox.newId() : tabName();
  let held = tab; // whose draft the form holds
  let touched = ""; // when somebody last typed here
  let ready = false; // nothing is saved before what was saved is back: the form would be kept without it
  let mending = null; // the letter that was taken back into the form: its id, who holds it, the id it goes under
  let pending = null;
  const typed = new Set();
  function tabName() {
    let name = null;
    try { name = sessionStorage.getItem("report-tab"); } catch { /* a tab that may keep nothing is a new one each time */ }
    if (name) return name;
    name = Outbox.newId();
    try { sessionStorage.setItem("report-tab", name); } catch { /* as above */ }
    return name;
  }
  async function save() {
    clearTimeout(pending);
    pending = null;
    try {
      if (!(mending && (await Outbox.saveHeld(mending, fields())))) await Outbox.saveDraft(session, tab, fields());
      draftState.textContent = say("draft_kept");
    } catch {
      draftState.textContent = say("draft_unkept"); // a full disk, or a browser that keeps nothing
    }
  }
  function saveSoon() {
    if (!session || !ready) return;
    clearTimeout(pending);
    pending = setTimeout(save, 400);
  }
  form.addEventListener("input", (event) => {
    if (!event.target.name) return; // the search for a kind is not kept
    typed.add(event.target.name);
    held = tab;
    touched = new Date().toISOString();
    saveSoon();
  });
  window.addEventListener("pagehide", () => { if (pending) save(); });

  // What the device kept comes before what the browser brought back, field by field; what was typed since stays.
  function bringBack(kept) {
    const now = fields();
    const from = (name) => (typed.has(name) ? now[name] : kept.fields[name] || now[name]);
    fill(Object.fromEntries(Object.keys(now).map((name) => [name, from(name)])));
    if (!typed.size) held = kept.of || "";
    draftState.textContent = say("draft_found");
  }
  async function openDraft() {
    const kept = await Outbox.draft(session);
    if (kept && !empty(kept.fields)) bringBack(kept);
  }
  // A copy of a draft that was sent elsewhere goes: in another tab only if nobody typed into it, in this tab (a page out
  // of the back/forward cache) whatever a later page made of it.
  async function agree(fromCache) {
    if (!session) return;
    const [kept, every] = await Promise.all([Outbox.draft(session), Outbox.list(session)]);
    const letters = every.filter(Letters.isReport);
    if (!ready || busy || mending) return;
    if (kept && (kept.of || "") === held) {
      if (fromCache) fill(kept.fields);
      return;
    }
    const now = fields();
    if (empty(now)) { if (fromCache && kept) await openDraft(); return; }
    const same = (letter) => Object.keys(now).every((name) => (letter.fields[name] || "") === now[name]);
    const sent = letters.some((letter) => letter.of && letter.of === held && letter.written_at > touched && (fromCache || held !== tab || same(letter)));
    if (!sent) return;
    startAnew();
    draftState.textContent = say("draft_sent");
  }
  const empty = (taken) => !taken.kind && !FIELDS.some((name) => taken[name]);

  function firstFault(taken) {
    if (!taken.kind) return [searchBox, say("needs_kind")];
    if (form.elements.place.required && !taken.place) return [form.elements.place, say("fault_place")];
    for (const name of NEEDED) if (form.elements[name].required && !taken[name]) return [form.elements[name], say(`fault_${name}`)];
    for (const name of NUMBERS) {
      if (!form.elements[name].checkValidity()) return [form.elements[name], say("needs_number", { label: say(`field_${name}`) })];
    }
    return null;
  }
  // Said beside the field where there is one, else below the form.
  function complain(node, sentence) {
    const error = find("[data-report-error]");
    form.querySelectorAll("[data-said]").forEach((said) => {
      const field = said.previousElementSibling;
      field.removeAttribute("aria-invalid");
      field.setAttribute("aria-describedby", field.getAttribute("aria-describedby").replace(` ${said.id}`, ""));
      said.remove();
    });
    const beside = Boolean(sentence) && FIELDS.includes(node.name);
    error.querySelector("span").textContent = beside ? "" : sentence;
    error.hidden = beside || !sentence;
    if (!sentence) return;
    if (beside) {
      const said = error.cloneNode(true);
      said.removeAttribute("data-report-error");
      said.removeAttribute("role");
      said.hidden = false;
      said.id = `${node.name}-said`;
      said.dataset.said = "";
      said.querySelector("span").textContent = sentence;
      node.setAttribute("aria-invalid", "true");
      node.setAttribute("aria-describedby", `${node.getAttribute("aria-describedby") || ""} ${said.id}`);
      node.after(said);
    }
    if (node === searchBox) find("[data-kind-picker]").hidden = false;
    const folded = node.closest("details");
    if (folded) folded.open = true;
    node.focus();
  }

  async function submit() {
    clearTimeout(pending);
    pending = null;
    const taken = fields();
    const fault = firstFault(taken);
    complain(...(fault || [null, ""]));
    if (fault) return;
    const letter = { id: mending ? mending.next : id, subject: session.subject, unit: session.unit, role: session.role, of: held, title: chosen().dataset.name, fields: taken, body: bodyOf(taken) };
    try {
      await Outbox.add(letter, mending);
    } catch {
      // Where this browser lets nothing be written (a full disk, private mode), the plain form still goes to the server.
      if (!document.body.hasAttribute("data-shell") && (await Outbox.reach(5_000))) {
        form.elements.id.value = id;
        form.submit();
      } else complain(find("[data-report-submit]"), say("not_kept"));
      return;
    }
    const mended = mending;
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
    startAnew();
    if (mended) await openDraft();
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
    for (const name of FIELDS) form.elements[name].value = ""; // a page that answered holds what was sent
    typed.clear();
    held = tab;
    mending = null;
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
    submit().finally(() => { busy = false; });
  });

  // A refused or waiting letter comes back into the form, and waits in the outbox until it is sent again.
  async function edit() {
    const asked = window.location.hash.match(/^#sua=([0-9a-f-]{36})$/);
    if (!asked || !session) return false;
    if (pending) await save(); // what stood in the form is not lost for it
    const was = ready;
    ready = false;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    const letter = await Outbox.hold(asked[1], session, id).catch(() => null);
    if (!letter) { ready = was; return false; }
    // Its key stays unless the server knows it for other words.
    mending = { id: letter.id, holder: id, next: letter.refused && letter.refused.status === 409 ? Outbox.newId() : letter.id };
    ready = true;
    fill(letter.fields);
    draftState.textContent = "";
    const field = letter.refused && form.elements[letter.refused.field];
    const sentence = letter.refused ? words[`fault_${letter.refused.fault}`] || say("fix_this") : "";
    complain(field instanceof Element ? field : find("[data-kind-change]"), sentence);
    return true;
  }
  window.addEventListener("hashchange", edit);

  async function start() {
    const note = document.querySelector("[data-no-session]");
    note.hidden = Boolean(session);
    id = Outbox.newId();
    showKind();
    if (!session || (await edit())) return;
    // A device keeps one draft: where there is one already, what came filled in is sent or left, and not kept.
    if (isFilled) {
      const kept = await Outbox.draft(session).catch(() => null);
      if (kept && !empty(kept.fields)) { draftState.textContent = say("draft_other"); return; }
    }
    // What the server gave back with its faults is newer than any draft.
    if (!form.hasAttribute("data-answered") && !isFilled) await openDraft().catch(() => { draftState.textContent = say("draft_unkept"); });
    ready = true;
    if (typed.size) saveSoon();
  }
  start();
  Outbox.onChange(() => agree(false).catch(() => {}));
  window.addEventListener("pageshow", (event) => { if (event.persisted) agree(true).catch(() => {}); });
});
