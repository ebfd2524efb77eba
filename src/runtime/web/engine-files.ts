/** onnxruntime's script and wasm, kept for visits without a network. The service worker answers with them. */

export const ENGINE_CACHE = "zoetrope-engine";

/** On a first visit they were fetched before the service worker ran; now they come from the browser's own cache. */
export async function keepEngineFiles(urls: readonly string[]): Promise<void> {
  try {
    const cache = await caches.open(ENGINE_CACHE);
    for (const url of urls) {
      // Their names change with their contents, so a copy is never stale.
      if ((await cache.match(url, { ignoreVary: true })) === undefined)
        await cache.add(new Request(url, { cache: "force-cache" }));
    }
  } catch {
    // No cache or no room: then the next visit needs a network.
  }
}
