// The outbox of this device: what was written without a network, kept per person, sent exactly once.
// Shared by the pages and the service worker; touches no document.
"use strict";

self.Outbox = (() => {
  const NAME = "liencap";
  const LOCK = "liencap-outbox";
  const LEASE_MS = 30_000;
  const SEND_TIMEOUT_MS = 20_000;
  const KEEP_RECEIVED_MS = 7 * 24 * 3600 * 1000;
  // These say "not now"; every other refusal says "not like this".
  const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
  const channel = "BroadcastChannel" in self ? new BroadcastChannel("liencap-outbox") : null;
  const listeners = new Set();

  const open = () => idb.openDB(NAME, 1, {
    upgrade(db) {
      const letters = db.createObjectStore("letters", { keyPath: "id" });
      letters.createIndex("subject", "subject");
      db.createObjectStore("drafts", { keyPath: "subject" });
      db.createObjectStore("notes"); // session, lease, last sending
    },
  });
  let opened = null;
  const database = () => (opened ??= open().catch((fault) => { opened = null; throw fault; }));

  function changed() {
    listeners.forEach((listener) => listener());
    if (channel) channel.postMessage("changed");
  }
  if (channel) channel.onmessage = () => listeners.forEach((listener) => listener());

  // crypto.randomUUID exists only under TLS; random bytes exist everywhere.
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  const note = async (key) => (await database()).get("notes", key);
  const setNote = async (key, value) => (await database()).put("notes", value, key);
  const clearNote = async (key) => (await database()).delete("notes", key);

  // One letter per submission; a letter is only ever replaced by itself in a later state.
  async function add(letter) {
    const kept = { state: "queued", attempts: 0, written_at: new Date().toISOString(), ...letter };
    await (await database()).put("letters", kept);
    changed();
    return kept;
  }
  async function remove(id) { await (await database()).delete("letters", id); changed(); }
  const get = async (id) => (await database()).get("letters", id);
  async function list(subject) {
    const letters = await (await database()).getAllFromIndex("letters", "subject", subject);
    return letters.sort((a, b) => a.written_at.localeCompare(b.written_at));
  }

  const draft = async (subject) => (await database()).get("drafts", subject);
  const saveDraft = async (subject, fields) => (await database()).put("drafts", { subject, fields });
  const dropDraft = async (subject) => (await database()).delete("drafts", subject);

  async function within(milliseconds, url, options) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), milliseconds);
    try { return await fetch(url, { ...options, signal: control.signal, cache: "no-store" }); } finally { clearTimeout(timer); }
  }

  // Only one tab or worker empties the outbox. Over plain http there are no locks: then a lease in the database.
  async function alone(work) {
    if (self.navigator && navigator.locks) {
      return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : "busy"));
    }
    const mine = newId();
    const transaction = (await database()).transaction("notes", "readwrite");
    const lease = await transaction.store.get("lease");
    const free = !lease || lease.until < Date.now();
    if (free) await transaction.store.put({ holder: mine, until: Date.now() + LEASE_MS }, "lease");
    await transaction.done;
    if (!free) return "busy";
    try { return await work(); } finally { await clearNote("lease"); }
  }

  // Who is signed in now decides whose letters may go: on a shared computer never another person's.
  async function signedIn() {
    const answer = await within(SEND_TIMEOUT_MS, "/phien", { headers: { Accept: "application/json" } });
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Error(`session ${answer.status}`);
    return answer.json();
  }

  async function refusal(answer) {
    try {
      const problem = await answer.json();
      return { slug: String(problem.type || "").split(":").pop(), field: problem.field || null, fault: problem.fault || "", detail: problem.detail || "" };
    } catch { return { slug: "", field: null, fault: "", detail: "" }; }
  }

  // Returns "sent", "later" (the server does not answer) or "sign-in".
  async function send(letter) {
    const db = await database();
    const store = async (change) => { await db.put("letters", Object.assign(letter, change)); changed(); };
    await store({ state: "sending", attempts: letter.attempts + 1, tried_at: new Date().toISOString() });
    let answer;
    try {
      answer = await within(SEND_TIMEOUT_MS, `/api/v1/communes/${letter.unit}/issues`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(letter.body),
      });
    } catch {
      await store({ state: "queued" });
      return "later";
    }
    if (answer.ok) {
      await store({ state: "received", received_at: new Date().toISOString(), refused: null });
      await setNote("last-sent", new Date().toISOString());
      return "sent";
    }
    if (answer.status === 401 || PASSING.has(answer.status)) {
      await store({ state: "queued" });
      return answer.status === 401 ? "sign-in" : "later";
    }
    await store({ state: "needs_fix", refused: { status: answer.status, ...(await refusal(answer)) } });
    return "sent";
  }

  async function emptied() {
    const session = await signedIn();
    if (!session) return "sign-in";
    const letters = await list(session.subject);
    for (const letter of letters) {
      // "sending" here means that the one who sent it died: the key makes sending again harmless.
      if (letter.state !== "queued" && letter.state !== "sending") continue;
      const outcome = await send(letter);
      if (outcome !== "sent") return outcome;
    }
    const old = Date.now() - KEEP_RECEIVED_MS;
    for (const letter of letters) {
      if (letter.state === "received" && Date.parse(letter.received_at) < old) await remove(letter.id);
    }
    return "empty";
  }

  // Send what waits, in order. Returns "empty", "later", "sign-in" or "busy".
  async function drain() {
    try { return await alone(emptied); } catch { return "later"; }
  }

  return {
    add, remove, get, list, draft, saveDraft, dropDraft, newId, drain, within, note, setNote, clearNote,
    onChange: (listener) => listeners.add(listener),
  };
})();
