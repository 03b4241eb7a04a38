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
  const BUSY = new Set([429, 503]);
  const MOST_FAILURES = 3; // in a row; the letters behind it are not kept waiting any longer
  const CLOCK_MS = 120_000; // more than a slow answer
  let ahead = 0; // how far this device's clock is before the server's
  const channel = "BroadcastChannel" in self ? new BroadcastChannel("liencap-outbox") : null;
  const listeners = new Set();

  // Letters tell their own version (letters.js), so the stores stay as they are; whichever release made them, they open.
  const open = () => idb.openDB(NAME, undefined, {
    upgrade(db) {
      const letters = db.createObjectStore("letters", { keyPath: "id" });
      letters.createIndex("subject", "subject");
      db.createObjectStore("drafts", { keyPath: "subject" });
      db.createObjectStore("notes"); // session, lease, last sending, villages to measure
    },
    // A page of this release that stayed open does not stand in the way of the next one.
    blocking(_current, _wanted, event) { event.target.close(); opened = null; },
    terminated() { opened = null; },
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

  // "sending" is also what somebody began who died since: the key makes sending again harmless.
  const waiting = (letter) => (letter.state === "queued" || letter.state === "sending") && Letters.isReadable(letter);
  // What was tried may have arrived unseen: it is sent again under its key, and never changed or taken away.
  const untried = (letter) => letter.state === "needs_fix" || (letter.state === "queued" && !letter.attempts);
  // No answer comes to this one though the server is there: whoever wrote it may read it, copy it and take it away.
  const isStuck = (letter) => letter.state === "queued" && (letter.failures || 0) >= MOST_FAILURES;
  const removable = (letter) => letter.state === "received" || untried(letter) || isStuck(letter);
  const heldBy = (letter, holder) => Boolean(letter) && letter.state === "needs_fix" && letter.held_by === holder;
  const written = (record) => (record && record.of) || "";

  // Read one letter and write what `change` makes of it, with nobody in between; null leaves it as it is.
  async function alter(id, change) {
    const transaction = (await database()).transaction("letters", "readwrite");
    const letter = Letters.today(await transaction.store.get(id));
    const next = letter ? change(letter) : null;
    if (next) await transaction.store.put(next);
    await transaction.done;
    if (next) changed();
    return next;
  }

  // One letter per submission, and the draft it was written from goes with it: both or neither, whenever the page is
  // closed. No letter is ever replaced by another: one under an id that is taken gets an id of its own.
  // `mends` names a letter that this one stands in for, if its holder still has it.
  async function add(letter, mends = null) {
    const transaction = (await database()).transaction(["letters", "drafts"], "readwrite");
    const letters = transaction.objectStore("letters");
    const drafts = transaction.objectStore("drafts");
    if (mends && heldBy(await letters.get(mends.id), mends.holder)) await letters.delete(mends.id);
    const id = (await letters.getKey(letter.id)) === undefined ? letter.id : newId();
    const order = Math.max(0, ...(await letters.getAll()).map((one) => one.order || 0)) + 1;
    const kept = Letters.under({ state: "queued", attempts: 0, written_at: new Date().toISOString(), order, ...letter }, id);
    await letters.add(kept);
    const draft = await drafts.get(Letters.personOf(letter));
    if (Letters.isReport(kept) && draft && !mends && written(draft) === written(letter)) await drafts.delete(draft.subject);
    await transaction.done;
    changed();
    return kept;
  }
  // Take a letter back to be mended: it stays here and does not go until it is sent anew.
  const hold = (id, person, holder) => alter(id, (letter) => (Letters.isOf(person, letter) && untried(letter) ? { ...letter, state: "needs_fix", held_by: holder } : null));
  const saveHeld = ({ id, holder }, fields) => alter(id, (letter) => (heldBy(letter, holder) ? { ...letter, fields } : null));
  // The same letter once more, as it stands: what refused it may be over.
  const resend = (id) => alter(id, (letter) => (letter.state === "needs_fix" ? { ...letter, state: "queued", refused: null, held_by: null } : null));
  async function remove(id) {
    const transaction = (await database()).transaction("letters", "readwrite");
    const letter = await transaction.store.get(id);
    if (letter && removable(letter)) await transaction.store.delete(id);
    await transaction.done;
    changed();
  }
  async function list(person) {
    const every = await (await database()).getAllFromIndex("letters", "subject", person.subject);
    const letters = every.filter((letter) => Letters.isOf(person, letter));
    // By the order of writing: a clock that is set back between two letters does not turn them round.
    return letters.map(Letters.today).sort((a, b) => (a.order || 0) - (b.order || 0) || a.written_at.localeCompare(b.written_at));
  }

  const draft = async (person) => (await database()).get("drafts", Letters.personOf(person));
  // `of` says which tab wrote it. A draft has no id: that belongs to the letter it becomes.
  const saveDraft = async (person, of, fields) => (await database()).put("drafts", { subject: Letters.personOf(person), of, fields });

  // The page of a person remembers who it is. A draft of an earlier release names no unit: it goes to the person who
  // was here last in that release, and to nobody else.
  async function setSession(session) {
    const transaction = (await database()).transaction(["notes", "drafts"], "readwrite");
    const notes = transaction.objectStore("notes");
    const drafts = transaction.objectStore("drafts");
    const before = await notes.get("session");
    if (before && !before.person && Letters.isOf(session, before)) {
      const left = await drafts.get(session.subject);
      if (left && !(await drafts.get(Letters.personOf(session)))) await drafts.put({ ...left, subject: Letters.personOf(session) });
      if (left) await drafts.delete(session.subject);
    }
    await notes.put({ ...session, person: Letters.personOf(session) }, "session");
    await transaction.done;
  }

  async function within(milliseconds, url, options) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), milliseconds);
    try { return await fetch(url, { cache: "no-store", ...options, signal: control.signal }); } finally { clearTimeout(timer); }
  }

  // Takes the lease, or renews it where `mine` holds it; false where another tab does. `ends` gives one's own back.
  async function lease(mine, ends = false) {
    const transaction = (await database()).transaction("notes", "readwrite");
    const held = await transaction.store.get("lease");
    // A clock that was set back would make a lease last as long.
    const free = !held || held.until < Date.now() || held.until > Date.now() + LEASE_MS;
    const own = Boolean(held) && held.holder === mine;
    if (ends) { if (own) await transaction.store.delete("lease"); }
    else if (free || own) await transaction.store.put({ holder: mine, until: Date.now() + LEASE_MS }, "lease");
    await transaction.done;
    return free || own;
  }

  // Only one tab or worker empties the outbox. Over plain http there are no locks: then a lease in the database, which
  // lasts longer than the slowest request and is renewed before each.
  async function alone(work) {
    if (self.navigator && navigator.locks) {
      return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work(async () => true) : "busy"));
    }
    const mine = newId();
    if (!(await lease(mine))) return "busy";
    try { return await work(() => lease(mine)); } finally { await lease(mine, true); }
  }

  // Who is signed in now decides whose letters may go: on a shared computer never another person's.
  async function signedIn() {
    const answer = await within(SEND_TIMEOUT_MS, "/phien", { headers: { Accept: "application/json" } });
    const serverTime = Date.parse(answer.headers.get("Date"));
    if (serverTime) ahead = Math.abs(Date.now() - serverTime) > CLOCK_MS ? Date.now() - serverTime : 0;
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

  // Returns "sent" (or no longer to be sent), "later" (the server does not answer), "stuck" (it answered this letter by
  // a failure again and again) or "sign-in".
  async function send(id) {
    const db = await database();
    // It may have been taken back or away since the list was read.
    const letter = await alter(id, (one) => (waiting(one) ? { ...Letters.setRight(one, ahead), state: "sending", attempts: one.attempts + 1, tried_at: new Date().toISOString() } : null));
    if (!letter) return "sent";
    const failed = async () => { await store({ state: "queued", failures: (letter.failures || 0) + 1 }); return isStuck(letter) ? "stuck" : "later"; };
    const store = async (change) => { await db.put("letters", Object.assign(letter, change)); changed(); };
    let answer;
    try {
      answer = await within(SEND_TIMEOUT_MS, ...Letters.request(letter));
    } catch {
      return failed();
    }
    if (Letters.isTaken(letter, answer)) {
      await store({ state: "received", received_at: new Date().toISOString(), refused: null });
      await setNote("last-sent", new Date().toISOString());
      return "sent";
    }
    if (answer.status === 401) {
      await store({ state: "queued" });
      return "sign-in";
    }
    if (PASSING.has(answer.status) || Letters.isElsewhere(answer)) {
      const outcome = await failed();
      return BUSY.has(answer.status) ? "later" : outcome; // no letter fares better there now
    }
    await store({ state: "needs_fix", refused: { status: answer.status, ...(await refusal(answer)) } });
    return "sent";
  }

  async function emptied(isAlone) {
    const session = await signedIn();
    if (!session) return "sign-in";
    const letters = await list(session);
    const held = new Set(); // what the letters that are stuck are about: those that follow them wait
    let left = "empty";
    for (const letter of letters) {
      if (!waiting(letter) || !Letters.mayGo(session, letter)) continue;
      if (held.has(Letters.follows(letter))) continue;
      if (!(await isAlone())) return "busy";
      const outcome = await send(letter.id);
      if (outcome === "stuck") {
        left = "later";
        if (Letters.follows(letter)) held.add(Letters.follows(letter));
      } else if (outcome !== "sent") return outcome;
    }
    const old = Date.now() - KEEP_RECEIVED_MS;
    for (const letter of letters) {
      if (letter.state === "received" && Date.parse(letter.received_at) < old) await remove(letter.id);
    }
    return left;
  }

  // Only a link to the server counts: a computer may be online and the server stopped, or a network may answer every
  // address by a page of its own.
  async function reach(milliseconds) {
    try {
      const answer = await within(milliseconds, "/healthz", { redirect: "error" });
      return answer.ok && (answer.headers.get("Content-Type") || "").startsWith("application/json");
    } catch { return false; }
  }

  // Send what waits, in order. Returns "empty", "later", "sign-in" or "busy".
  async function drain() {
    try { return await alone(emptied); } catch { return "later"; }
  }

  return {
    add, hold, saveHeld, resend, remove, reach, list, waiting, untried, isStuck, draft, saveDraft, setSession, newId, drain, within, note, setNote, clearNote,
    onChange: (listener) => listeners.add(listener),
  };
})();
