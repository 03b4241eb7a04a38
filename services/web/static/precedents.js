// What was answered before to a difficulty of the chosen kind: kept on this device, so that it is there without a network.
"use strict";

document.addEventListener("session:known", async (known) => {
  const section = document.querySelector("[data-precedents]");
  const form = document.querySelector("[data-report]");
  if (!section || !form) return;
  const list = section.querySelector("ul");
  const session = known.detail;

  function line(item) {
    const entry = document.createElement("li");
    entry.dataset.precedentKind = item.kind;
    for (const [name, words] of [["lc-course-what", item.title], ["lc-said", item.text], ["lc-hush", item.source], ["lc-warn", item.stale]]) {
      if (!words) continue;
      const part = document.createElement("p");
      part.className = name;
      part.textContent = words;
      entry.append(part);
    }
    return entry;
  }
  function show() {
    const kind = form.querySelector("input[name=kind]:checked");
    let found = 0;
    list.querySelectorAll("[data-precedent-kind]").forEach((entry) => {
      entry.hidden = !kind || entry.dataset.precedentKind !== kind.value;
      found += entry.hidden ? 0 : 1;
    });
    section.hidden = found === 0;
  }

  const sent = JSON.parse(section.dataset.precedents || "[]");
  try {
    if (session && !document.body.hasAttribute("data-shell")) {
      await Outbox.setNote("precedents", { unit: session.unit, items: sent });
    } else if (session) {
      const kept = await Outbox.note("precedents");
      if (kept && kept.unit === session.unit) list.replaceChildren(...kept.items.map(line));
    }
  } catch { /* a browser that keeps nothing shows what the page brought */ }
  show();
  form.addEventListener("change", show);
  form.addEventListener("report:kind", show);
});
