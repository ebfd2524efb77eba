/**
 * The service worker: caches the page for visits without a network, and adds the headers that threads need for hosts that do
 * not send them. The engine caches Mini's weights itself; the service worker only deletes those of an older version.
 */

import { addPlugins, createHandlerBoundToURL, matchPrecache, precacheAndRoute } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { CacheFirst, NetworkFirst } from "workbox-strategies";
import { ENGINE_CACHE } from "../src/runtime/web/engine-files.ts";
import { type ManifestEntry, SHIPPED_CACHE, SHIPPED_MANIFEST, shippedUrl } from "../src/runtime/web/shipped/shipped-files.ts";
import { isolated } from "./isolation.ts";

const scope = self as unknown as ServiceWorkerScope;
const folder = new URL(scope.registration.scope);
const engineUrls = ENGINE_FILES.map((name) => new URL(name, folder).href);
const isolating = { handlerWillRespond: async ({ response }: { response: Response }) => isolated(response) };

/**
 * Most files have just been sent to the page. Workbox would fetch them past the browser's cache; asking the host whether they have
 * changed is as safe, and the host then answers without sending them again.
 */
const asking = {
  requestWillFetch: async ({ request }: { request: Request }) =>
    request.cache === "reload" && request.mode !== "navigate" ? new Request(request, { cache: "no-cache" }) : request,
};

addPlugins([isolating, asking]);
precacheAndRoute([...PAGE_FILES]);
// The page itself, with any query.
registerRoute(
  ({ request, url }) => request.mode === "navigate" && url.origin === folder.origin && url.pathname === folder.pathname,
  createHandlerBoundToURL("index.html"),
);
registerRoute(
  ({ url }) => engineUrls.includes(url.href),
  new CacheFirst({ cacheName: ENGINE_CACHE, matchOptions: { ignoreVary: true }, plugins: [isolating] }),
);
// What a checkpoint knows, once somebody has typed: the page's own words, so the newest that can be had.
registerRoute(
  ({ url }) => url.href.startsWith(`${folder.href}models/`) && /\/words\.(?:json|webp)$/.test(url.pathname),
  new NetworkFirst({ cacheName: "zoetrope-words" }),
);

scope.addEventListener("activate", (event) => event.waitUntil(Promise.all([scope.clients.claim(), sweep()])));

// The page sends this message when the person wants the new version.
scope.addEventListener("message", ({ data }) => {
  if ((data as { readonly type?: unknown } | null)?.type === "SKIP_WAITING") void scope.skipWaiting();
});

/** Deletes engines and weights that this version does not use. */
async function sweep(): Promise<void> {
  await keepOnly(ENGINE_CACHE, engineUrls);
  const manifest = await matchPrecache(SHIPPED_MANIFEST);
  if (manifest === undefined) return;
  const { files } = (await manifest.json()) as { files: readonly ManifestEntry[] };
  await keepOnly(SHIPPED_CACHE, [folder.href + SHIPPED_MANIFEST, ...files.map((file) => shippedUrl(folder.href, file))]);
}

async function keepOnly(name: string, urls: readonly string[]): Promise<void> {
  if (!(await caches.has(name))) return;
  const cache = await caches.open(name);
  for (const request of await cache.keys()) if (!urls.includes(request.url)) await cache.delete(request);
}
