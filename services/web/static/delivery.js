// On every page of a person: shows the outbox, watches whether the server answers, and sends what waits.
"use strict";

(() => {
  const OLD_HOURS = 24;
  const RECEIVED_SHOWN = 3;
  const NEWS_MS = 3_600_000;
  const CALM_MS = 60_000;
  const FIRST_RETRY_MS = 1_000;
  const words = JSON.parse(document.body.dataset.words || "{}");
  const say = (key, values = {}) => (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Ho_Chi_Minh" });
  const dateWords = (iso) => MOMENT.format(new Date(iso)).replace(",", ""); // day, then time, as the pages write it
  let session = null;
  let reachable = null;
  let cuts = 0;
  let retry = FIRST_RETRY_MS;
  let timer = null;
  const awaited = new Set(); // what this page saw waiting

  // A browser that lets nothing be kept (private mode, a full disk): whoever writes here has to know it before.
  let keepsNothing = false;
  const unkept = () => { keepsNothing = true; };

  // A page with a person remembers who it is, for the shell that opens without a network.
  async function whoIsHere() {
    const { subject, unit, unitName, role, lang } = document.body.dataset;
    if (subject) {
      await Outbox.setSession({ subject, unit, unitName, role, lang }).catch(unkept);
      return { subject, unit, unitName, role };
    }
    if (!document.body.hasAttribute("data-shell")) return null;
    const known = (await Outbox.note("session").catch(unkept)) || null;
    const here = document.querySelector("[data-here]");
    if (here && known) here.textContent = known.unitName;
    return known;
  }

  function showLink() {
    const node = document.querySelector("[data-link-state]");
    if (!node || reachable === null) return;
    document.body.toggleAttribute("data-cut", !reachable);
    node.hidden = reachable;
    node.classList.toggle("is-cut", !reachable);
    node.querySelector("[data-link-words]").textContent = say(reachable ? "connected" : keepsNothing ? "cut_unkept" : "cut");
  }

  async function ping() {
    const wasCut = reachable === false;
    const asked = cuts;
    const answers = await Outbox.reach(8_000);
    reachable = answers && asked === cuts; // an answer from before the line was cut says nothing of it now
    showLink();
    // What stood in for a page gives way to it; only after a cut, so that a page that fails is not asked for without end.
    if (wasCut && reachable && document.body.hasAttribute("data-stand-in")) window.location.reload();
    return reachable;
  }

  async function deliver() {
    if (!session) return;
    const result = await Outbox.drain();
    const signIn = document.querySelector("[data-outbox-sign-in]");
    if (signIn) signIn.hidden = result !== "sign-in";
    await render();
    const left = (await kept()).some(Outbox.waiting);
    plan(left && result !== "sign-in");
  }

  // While something waits the server is asked again and again, ever more slowly; otherwise once a minute.
  function plan(eager) {
    clearTimeout(timer);
    if (!eager) retry = FIRST_RETRY_MS;
    const pause = eager ? retry * (0.8 + 0.4 * Math.random()) : CALM_MS;
    retry = eager ? Math.min(retry * 1.6, CALM_MS) : FIRST_RETRY_MS;
    timer = setTimeout(async () => {
      if (!eager && document.hidden) return plan(false);
      if (await ping()) await deliver(); else plan(eager);
    }, pause);
  }

  const fieldWords = (field) => (words[`field_${field}`] ? `${words[`field_${field}`]}: ` : "");
  function reasonOf(letter) {
    const { refused } = letter;
    if (!refused) return "";
    // The page of the form found its own words; the report is checked where no page is.
    if (!Letters.isReport(letter)) return (refused.slug === "conflict" ? `${say("moved_on")} ` : "") + (refused.detail || words[`problem_${refused.slug}`] || String(refused.status));
    return fieldWords(refused.field) + (words[`fault_${refused.fault}`] || words[`problem_${refused.slug}`] || refused.detail || String(refused.status));
  }

  function button(label, attribute, id) {
    const node = document.createElement("button");
    node.type = "button";
    node.className = "lc-button lc-button-tool";
    node.textContent = label;
    node.setAttribute(attribute, id);
    return node;
  }

  function row(letter) {
    const item = document.createElement("li");
    item.dataset.letter = letter.id;
    item.dataset.state = letter.state;
    const what = document.createElement("span");
    what.className = "lc-outbox-what";
    what.textContent = `${letter.title} · ${dateWords(letter.written_at)}`;
    const state = document.createElement("span");
    const tone = { received: "ok", needs_fix: "late" }[letter.state] || "near";
    state.className = `lc-state is-${tone}`;
    const standing = Outbox.isStuck(letter) ? "state_stuck" : `state_${letter.state}`;
    state.textContent = say(Letters.isReadable(letter) ? standing : "state_of_later_release");
    item.append(what, state);
    if (letter.state === "received") {
      const link = document.createElement("a");
      link.href = Letters.opened(letter);
      link.className = "lc-go";
      link.textContent = say("open");
      item.append(link);
    } else if (Outbox.untried(letter)) {
      const edit = document.createElement("a");
      edit.href = Letters.mending(letter);
      edit.className = "lc-button lc-button-tool";
      edit.textContent = say(letter.refused && letter.refused.slug === "conflict" ? "compare" : "edit");
      item.append(edit);
      // The same words once more change nothing for who was too late or has to mend them.
      if (letter.refused && [403, 404].includes(letter.refused.status)) item.append(button(say("resend"), "data-outbox-resend", letter.id));
      item.append(button(say("remove"), "data-outbox-remove", letter.id));
    } else if (Outbox.isStuck(letter)) {
      const remove = button(say("remove"), "data-outbox-remove", letter.id);
      remove.dataset.sure = "remove_stuck_sure";
      item.append(remove);
    }
    if (letter.state !== "received") item.append(written(letter));
    if (letter.state === "needs_fix" && letter.refused) {
      const reason = document.createElement("p");
      reason.className = "lc-fault";
      reason.textContent = reasonOf(letter);
      item.append(reason);
    }
    return item;
  }

  // The words stay readable and can be copied, whatever becomes of the form that they were written in.
  function written(letter) {
    const fold = document.createElement("details");
    fold.className = "lc-outbox-words";
    const name = document.createElement("summary");
    name.textContent = say("written_words");
    const lines = Letters.words(letter).map(([label, value]) => `${letter.shown ? label : words[`field_${label}`] || label}: ${value}`);
    const said = document.createElement("p");
    said.textContent = lines.join("\n");
    const copy = button(say("copy"), "data-copy", `${letter.title}\n${lines.join("\n")}`);
    const copied = document.createElement("span");
    copied.dataset.copied = say("copied");
    copied.hidden = true;
    copied.setAttribute("role", "status");
    fold.append(name, said, copy, copied);
    return fold;
  }

  // A row that did not change stays the same node: a press that is under way and the focus stay with it.
  function draw(list, letters) {
    const keyOf = (letter) => JSON.stringify([letter.id, letter.state, letter.attempts, letter.title, letter.refused]);
    const standing = new Map([...list.children].map((node) => [node.dataset.drawn, node]));
    const rows = letters.map((letter) => {
      const node = standing.get(keyOf(letter)) ?? row(letter);
      node.dataset.drawn = keyOf(letter);
      return node;
    });
    [...list.children].filter((node) => !rows.includes(node)).forEach((node) => node.remove());
    rows.forEach((node, at) => { if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null); });
  }

  const kept = () => (session ? Outbox.list(session).catch(() => []) : Promise.resolve([]));

  async function render() {
    if (!session) return;
    const letters = await kept();
    const queued = letters.filter((letter) => letter.state !== "received" && letter.state !== "needs_fix");
    const faulty = letters.filter((letter) => letter.state === "needs_fix");
    document.querySelectorAll("[data-outbox-count]").forEach((node) => { node.textContent = String(queued.length + faulty.length); });
    const strip = document.querySelector("[data-outbox]");
    if (!strip) return;
    // What was received long ago is no news: on a home it is left out, elsewhere the last few stay.
    const unsent = queued.length + faulty.length;
    const isNews = (letter) => letter.state === "received" && Date.now() - Date.parse(letter.received_at) < NEWS_MS;
    const received = letters.filter(isNews).slice(-RECEIVED_SHOWN);
    const shown = letters.filter((letter) => letter.state !== "received" || received.includes(letter));
    // Where only what waits is news, it is said to the end: whoever saw it wait sees it received.
    [...queued, ...faulty].forEach((letter) => awaited.add(letter.id));
    const news = strip.dataset.outbox === "unsent" ? shown.filter((letter) => awaited.has(letter.id)) : shown;
    strip.hidden = news.length === 0;
    strip.classList.toggle("is-clear", unsent === 0);
    const oldest = queued.length ? (Date.now() - Date.parse(queued[0].written_at)) / 3_600_000 : 0;
    let summary = queued.length ? say("waiting", { count: queued.length }) : say("all_sent");
    if (faulty.length) summary = say("faulty", { count: faulty.length }) + (queued.length ? ` ${summary}` : "");
    if (oldest >= OLD_HOURS) summary += ` ${say("old", { hours: Math.floor(oldest) })}`;
    const said = strip.querySelector("[data-outbox-summary]");
    if (said.textContent !== summary) said.textContent = summary; // a live region speaks only on change
    draw(strip.querySelector("[data-outbox-list]"), shown.slice(-20).reverse());
    strip.querySelector("[data-outbox-send]").hidden = !queued.some(Outbox.waiting);
    strip.querySelector("[data-outbox-export]").hidden = unsent === 0; // it holds what is not sent
    const last = await Outbox.note("last-sent").catch(() => null);
    strip.querySelector("[data-outbox-last]").textContent = last ? say("last_sent", { at: dateWords(last) }) : "";
  }

  async function exportOutbox() {
    const letters = (await kept()).filter((letter) => letter.state !== "received");
    const blob = new Blob([JSON.stringify({ exported_at: new Date().toISOString(), unit: session.unit, letters }, null, 2)], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `liencap-${session.unit}-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async function signOut(form, sure) {
    const left = (await kept()).filter((letter) => letter.state !== "received");
    if (left.length && !sure) {
      const dialog = document.getElementById("sign-out-warning");
      dialog.querySelector("[data-sign-out-count]").textContent = say("sign_out_count", { count: left.length });
      dialog.showModal();
      return;
    }
    for (const note of session ? ["session", `spots:${Letters.personOf(session)}`] : []) await Outbox.clearNote(note).catch(() => {});
    sessionStorage.clear();
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    event.preventDefault();
    signOut(event.target, false);
  });
  document.addEventListener("click", async (event) => {
    const target = event.target;
    if (target.closest("[data-sign-out-anyway]")) signOut(document.querySelector("[data-sign-out]"), true);
    if (target.closest("[data-outbox-export]")) exportOutbox();
    if (target.closest("[data-outbox-send]")) { retry = FIRST_RETRY_MS; if (await ping()) deliver(); else plan(true); }
    const again = target.closest("[data-outbox-resend]");
    if (again && (await Outbox.resend(again.dataset.outboxResend))) deliver();
    const gone = target.closest("[data-outbox-remove]");
    if (gone && window.confirm(say(gone.dataset.sure || "remove_sure"))) await Outbox.remove(gone.dataset.outboxRemove);
  });

  async function keepOffline() {
    if (!("serviceWorker" in navigator)) return;
    const worker = await navigator.serviceWorker.register("/sw.js");
    if (session && "sync" in worker) document.addEventListener("outbox:added", () => worker.sync.register("outbox").catch(() => {}));
  }

  async function start() {
    // Every script of the page listens by then, however fast the store answers or fails.
    const [found] = await Promise.all([whoIsHere(), new Promise((done) => { document.addEventListener("DOMContentLoaded", done); })]);
    session = found;
    document.dispatchEvent(new CustomEvent("session:known", { detail: session }));
    Outbox.onChange(render);
    document.addEventListener("htmx:after:swap", render);
    document.addEventListener("outbox:added", () => { retry = FIRST_RETRY_MS; deliver(); });
    window.addEventListener("online", async () => { if (await ping()) deliver(); });
    // A page out of the back/forward cache slept through whatever happened since.
    window.addEventListener("pageshow", async (event) => { if (event.persisted) { await render(); if (await ping()) await deliver(); } });
    window.addEventListener("offline", () => { cuts += 1; reachable = false; showLink(); plan(true); });
    await render();
    if (session) { if (await ping()) await deliver(); else plan(true); }
    keepOffline().catch(() => {});
  }
  start();
})();
