// The villages that a commune may measure are known on its device, so that a measurement is written where there is no
// signal. They are kept for the person who read them, and go when that person signs out.
"use strict";

document.addEventListener("session:known", async (known) => {
  const session = known.detail;
  if (!session || !/^\d{5}$/.test(session.unit)) return;
  const note = `spots:${Letters.personOf(session)}`;
  const form = document.querySelector("[data-measure]");

  async function learn() {
    const answer = await Outbox.within(20_000, `/api/v1/promises?lang=${document.body.dataset.lang}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { items } = await answer.json();
    await Outbox.setNote(note, items.filter((one) => one.village).map(({ id, village, gap_label }) => ({ id, name: `${village} · ${gap_label}` })));
  }

  async function offer() {
    const spots = (await Outbox.note(note)) || [];
    const place = form.elements.spot;
    place.replaceChildren(place.options[0], ...spots.map(({ id, name }) => new Option(name, id)));
    form.closest("section").querySelector("[data-no-spots]").hidden = spots.length > 0;
    const here = window.location.pathname.match(/^\/thon-lom\/([0-9a-f-]{36})/);
    if (here) place.value = here[1];
    aim();
  }
  const twoDigits = (number) => String(number).padStart(2, "0");
  function aim() {
    const place = form.elements.spot;
    form.action = place.value ? `/thon-lom/${place.value}/do` : "/thon-lom";
    form.dataset.page = place.value ? `/thon-lom/${place.value}` : "/thon-lom";
    form.dataset.about = place.value ? place.selectedOptions[0].textContent : "";
    const now = new Date(); // only part of the key: a wrong clock makes no wrong day of measuring
    form.elements.written_on.value = `${now.getFullYear()}-${twoDigits(now.getMonth() + 1)}-${twoDigits(now.getDate())}`;
  }

  if (!form) { learn().catch(() => {}); return; }
  form.addEventListener("input", aim);
  form.addEventListener("form:kept", aim);
  form.addEventListener("form:filled", (event) => { form.elements.spot.value = event.detail.url.split("/")[2]; aim(); });
  offer().catch(() => {});
});
