/** Caches onnxruntime's script and wasm for visits without a network; the service worker answers with them. */

export const ENGINE_CACHE = "zoetrope-engine";

/** On a first visit the page fetched the files before the service worker ran, so this fetches them again from the browser's HTTP cache. */
export async function keepEngineFiles(urls: readonly string[]): Promise<void> {
  try {
    const cache = await caches.open(ENGINE_CACHE);
    for (const url of urls) {
      // The names change with the contents, so a copy is never stale.
      if ((await cache.match(url, { ignoreVary: true })) === undefined)
        await cache.add(new Request(url, { cache: "force-cache" }));
    }
  } catch {
    // Without a cache or without room the next visit needs a network.
  }
}
