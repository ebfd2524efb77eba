/** What a service worker's global scope has beyond a page's, as far as it is used here; and what the build puts in. */

interface ServiceWorkerScope {
  readonly clients: { claim(): Promise<void> };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: "activate", listener: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** The page's own files, below its folder; the revision of one whose name does not change with its contents. */
declare const PAGE_FILES: readonly { readonly url: string; readonly revision: string | null }[];
/** onnxruntime's builds. */
declare const ENGINE_FILES: readonly string[];
