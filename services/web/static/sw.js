// Keeps the shell of the form on the device, under the version of the release. Never keeps an answer of the API or
// a page of a person: those are neither asked from a cache nor put into one.
"use strict";

importScripts(...SHELL.assets.filter((url) => /\/(vendor\/idb|letters|outbox)\.js/.test(url)));

const CACHE = `liencap-${SHELL.version}`;
// Forms that open without a network; each has a shell of its own.
const FORMS = [[/^\/xa\/kho-khan\/moi$/, "/khung/kho-khan-moi"], [/^\/hoc-vu-so$/, "/khung/hoc-vu-so"], [/^\/thon-lom(\/[0-9a-f-]{36})?$/, "/khung/thon-lom"]];
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => {
  // What a page sends while it goes would end with it if it had to come through here.
  if (event.addRoutes) event.addRoutes({ condition: { requestMethod: "POST" }, source: "network" });
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.assets.map((url) => new Request(url, { credentials: "omit" })));
    await cache.addAll(SHELL.pages.map((url) => new Request(url, { credentials: "omit", cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE && name.startsWith("liencap-")) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function shellPage(name) {
  const session = await Outbox.note("session").catch(() => null);
  const lang = session && session.lang === "en" ? "en" : "vi";
  const cache = await caches.open(CACHE);
  return (await cache.match(`${name}?lang=${lang}`)) || Response.error();
}

// The form must open in a valley where the network stalls: it waits a few seconds, other pages as long as it takes.
async function page(request) {
  const { pathname } = new URL(request.url);
  const [, form] = FORMS.find(([path]) => path.test(pathname)) || [];
  try {
    if (!form) return await fetch(request);
    const answer = await Promise.race([
      fetch(request),
      new Promise((_, reject) => { setTimeout(() => reject(new Error("slow")), PATIENCE_MS); }),
    ]);
    if ([502, 503, 504].includes(answer.status)) throw new Error("no server behind the proxy");
    return answer;
  } catch {
    return shellPage(form || "/khung/ngoai-tuyen");
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") { event.respondWith(page(request)); return; }
  if (SHELL.assets.includes(url.pathname + url.search)) {
    event.respondWith(caches.open(CACHE).then(async (cache) => (await cache.match(request.url)) || fetch(request)));
  }
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "outbox") return;
  event.waitUntil(Outbox.drain().then((result) => { if (result === "later") throw new Error("later"); }));
});
