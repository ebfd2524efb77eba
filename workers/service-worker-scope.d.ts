/** Types of the parts of a service worker's global scope that the project uses, and of the constants that the build defines. */

interface ServiceWorkerScope {
  readonly clients: { claim(): Promise<void> };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: "activate", listener: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/** The page's own files, relative to its folder. `revision` is a hash for files whose names contain none, else null. */
declare const PAGE_FILES: readonly { readonly url: string; readonly revision: string | null }[];
/** The files of onnxruntime's builds. */
declare const ENGINE_FILES: readonly string[];
