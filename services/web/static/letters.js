// What a letter of the outbox is: of which form, how it is sent, and how one of an earlier release reads today.
// Shared by the pages and the service worker; touches no document and no storage.
"use strict";

self.Letters = (() => {
  const VERSION = 2;
  const REPORT = "report";
  const FORM_ANSWER = "application/problem+json"; // the answer of a form as data, not as a page

  // The first releases kept reports alone, and named no form. Such a letter reads as today's; what it holds stays.
  const today = (letter) => (letter && !letter.version ? { ...letter, version: VERSION, form: REPORT } : letter);
  // A letter of a later release (this one was installed again after it) waits for that release: it is shown, not sent.
  const isReadable = (letter) => letter.version <= VERSION;
  const isReport = (letter) => letter.form === REPORT;

  // The id of a letter is the key under which the server takes it once.
  function under(letter, id) {
    const made = { version: VERSION, form: REPORT, ...letter, id };
    if (isReport(made)) return { ...made, body: { ...made.body, id } };
    return { ...made, fields: made.fields.map(([name, value]) => [name, name === made.key ? id : value]) };
  }

  // A device whose clock is wrong wrote a wrong moment: it is set right once, before the first sending, so that a
  // letter that is sent again has the same words.
  function setRight(letter, ahead) {
    if (!isReport(letter) || letter.attempts || !letter.body.written_at) return letter;
    const written = Math.min(Date.parse(letter.body.written_at), Date.now()) - ahead;
    return { ...letter, body: { ...letter.body, written_at: new Date(written).toISOString() } };
  }

  // A person is a subject at a unit: a code such as nv01 is given in every commune.
  const personOf = ({ subject, unit }) => [subject, unit].map(encodeURIComponent).join(";");
  const isOf = (person, letter) => letter.subject === person.subject && letter.unit === person.unit;
  // In another role a person sees the letter and does not send it. The first releases noted no role.
  const mayGo = (person, letter) => isOf(person, letter) && (!letter.role || letter.role === person.role);
  // Whoever is signed in when it arrives must be who wrote it: another person may sign in between two letters.
  const writerOf = (letter) => personOf(letter) + (letter.role ? `;${encodeURIComponent(letter.role)}` : "");
  const by = (letter) => ({ Letter: letter.id, "Written-By": writerOf(letter) });
  function request(letter) {
    if (isReport(letter)) {
      const headers = { "Content-Type": "application/json", Accept: "application/json", ...by(letter) };
      return [`/api/v1/communes/${letter.unit}/issues`, { method: "POST", headers, body: JSON.stringify(letter.body) }];
    }
    const headers = { Accept: FORM_ANSWER, ...by(letter) };
    // The server leads nobody to a page who is not there to read it: a redirect comes from whatever stands in between.
    return [letter.url, { method: "POST", headers, body: new URLSearchParams(letter.fields), redirect: "manual" }];
  }
  // Only the server itself names the letter: the sign-in page of a network (captive portal) took nothing.
  const isTaken = (letter, answer) => answer.ok && answer.headers.get("Letter-Taken") === letter.id;
  const isElsewhere = (answer) => answer.ok || answer.type === "opaqueredirect";

  // Acts on one thing go in their order; a report, a lesson or a measurement rests on no other letter.
  const follows = (letter) => (!isReport(letter) && letter.fields.some(([name]) => name === "expected_version" || name === "seen") ? letter.page : "");

  const page = (letter) => (isReport(letter) ? "/xa/kho-khan/moi" : letter.page);
  const opened = (letter) => (isReport(letter) ? `/xa/kho-khan/${letter.id}` : letter.page);
  const mending = (letter) => `${page(letter)}#sua=${letter.id}`;
  // What was written, as whoever wrote it saw it: it can be read and copied whatever becomes of its form.
  const words = (letter) => letter.shown || Object.entries(letter.fields || {}).filter(([name, value]) => value && name !== "id");

  return { today, follows, personOf, isOf, mayGo, isReadable, isReport, under, setRight, request, isTaken, isElsewhere, opened, mending, words };
})();
