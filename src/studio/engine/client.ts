/**
 * The engine worker as the studio uses it: calls reject with ZoetropeError, long calls report through a callback, and a
 * worker that dies fails what is under way and is started anew by the next call.
 */
import { type Remote, releaseProxy, transfer, wrap } from "../../bridge/comlink.ts";
import { ZoetropeError } from "../../core/errors.ts";
import type {
  DeviceChoice,
  DeviceReport,
  DroppedFile,
  EngineApi,
  FileVerdict,
  ImportEvent,
  RenderRequest,
  ShelfItem,
} from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";

export interface EngineClient {
  probe(): Promise<DeviceReport>;
  shelf(): Promise<readonly ShelfItem[]>;
  inspect(files: readonly DroppedFile[]): Promise<readonly FileVerdict[]>;
  remove(id: string): Promise<void>;
  /** Resolves after the last event: done or cancelled. */
  importFiles(files: readonly DroppedFile[], onEvent: (event: ImportEvent) => void): Promise<void>;
  cancelImport(): Promise<void>;
  /** Resolves after the last event: done, cancelled or failed. Never rejects. */
  render(request: RenderRequest, onEvent: (event: RenderEvent) => void): Promise<void>;
  cancelRender(): Promise<void>;
  /** Ends the worker at once, for one that no longer answers: what is under way counts as cancelled, the next call starts another. */
  restart(): void;
  /** Ends the engine; from the next call on one runs where `choice` says. */
  prefer(choice: DeviceChoice): void;
}

/** One running engine, wherever it runs. */
export interface EngineLink {
  readonly api: EngineApi | Remote<EngineApi>;
  /** Rejects when the engine is gone. */
  readonly lost: Promise<never>;
  close(): void;
}

/** How long after a call has returned its last event may still be on its way through the port. */
const lastEventGraceMs = 3000;

export function engineClient(open: () => EngineLink): EngineClient {
  let link: EngineLink | null = null;
  let preferred: DeviceChoice = "auto";

  function opened(): EngineLink {
    if (link !== null) return link;
    link = open();
    // Calls arrive in their order: this one is the first.
    if (preferred !== "auto") void link.api.prefer(preferred);
    return link;
  }

  /** One call; thrown values become ZoetropeErrors, and a lost engine is forgotten. */
  async function call<T>(use: (api: EngineLink["api"]) => Promise<T>): Promise<T> {
    const current = opened();
    try {
      return await Promise.race([use(current.api), current.lost]);
    } catch (thrown) {
      const error = ZoetropeError.from(thrown);
      if ((error.code === engineLost || error.code === engineClosed) && link === current) {
        current.close();
        link = null;
      }
      throw error;
    }
  }

  /** A call that reports over a port until an event for which `isLast` holds. */
  async function follow<Event>(
    start: (api: EngineLink["api"], port: MessagePort) => Promise<void>,
    onEvent: (event: Event) => void,
    isLast: (event: Event) => boolean,
  ): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const last = new Promise<void>((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<Event>) => {
        onEvent(data);
        if (isLast(data)) resolve();
      };
    });
    try {
      await call(async (api) => {
        await start(api, port2);
        await Promise.race([last, silence()]);
      });
    } finally {
      port1.close();
    }
  }

  return {
    probe: () => call((api) => api.probe()),
    shelf: () => call((api) => api.shelf()),
    inspect: (files) => call((api) => api.inspect(files)),
    remove: (id) => call((api) => api.remove(id)),
    importFiles: (files, onEvent) =>
      follow<ImportEvent>(
        (api, port) => api.importFiles(files, handOver(port)),
        onEvent,
        ({ type }) => type === "done" || type === "cancelled",
      ),
    cancelImport: () => call((api) => api.cancelImport()),
    render: async (request, onEvent) => {
      let ended = false;
      try {
        await follow<RenderEvent>(
          (api, port) => api.render(request, handOver(port)),
          (event) => {
            ended ||= isEnd(event);
            onEvent(event);
          },
          isEnd,
        );
      } catch (thrown) {
        const error = ZoetropeError.from(thrown);
        if (!ended) onEvent(error.code === engineClosed ? { type: "cancelled" } : { type: "failed", error: error.toInfo() });
      }
    },
    cancelRender: () => call((api) => api.cancelRender()),
    restart: () => {
      link?.close();
      link = null;
    },
    prefer: (choice) => {
      preferred = choice;
      link?.close();
      link = null;
    },
  };
}

/** The real engine: the inference worker. */
export function openEngineWorker(): EngineLink {
  const worker = new Worker(new URL("../../../workers/inference.worker.ts", import.meta.url), { type: "module", name: "engine" });
  const api = wrap<EngineApi>(worker);
  let heard = false;
  worker.addEventListener("message", () => (heard = true), { once: true });
  let closed = () => {};
  const lost = new Promise<never>((_, reject) => {
    closed = () => reject(new ZoetropeError(engineClosed, { message: "The engine was stopped." }));
    worker.addEventListener("error", (event) => reject(heard ? lostError(event.message) : notStartedError(event.message)));
    worker.addEventListener("messageerror", () => reject(lostError()));
  });
  lost.catch(() => {}); // whoever is calling hears of it; when nobody is, the next call does
  return {
    api,
    lost,
    close: () => {
      closed();
      api[releaseProxy]();
      worker.terminate();
    },
  };
}

const engineLost = "engine/lost";
/** The code of calls that were under way at a `restart`. */
export const engineClosed = "engine/closed";

function notStartedError(detail: string): ZoetropeError {
  return new ZoetropeError(engineLost, {
    message: "The engine could not be started: its program did not load or this browser cannot run it.",
    hint: "Reload the page. A current Chrome, Edge, Firefox or Safari is needed.",
    cause: detail,
  });
}

function lostError(detail?: string): ZoetropeError {
  return new ZoetropeError(engineLost, {
    message: "The engine stopped unexpectedly; this device may have run out of memory.",
    hint: "Generate again: it starts afresh. A smaller size or fewer frames need less memory.",
    cause: detail,
  });
}

function isEnd({ type }: RenderEvent): boolean {
  return type === "done" || type === "cancelled" || type === "failed";
}

async function silence(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, lastEventGraceMs));
  throw lostError("the call returned without its last event");
}

/** comlink moves what is marked for transfer; in the page itself (a stand-in engine) the mark changes nothing. */
function handOver(port: MessagePort): MessagePort {
  return transfer(port, [port]);
}
