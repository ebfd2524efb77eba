/**
 * The engine worker as the studio uses it. Calls reject with a ZoetropeError, and long calls report through a callback. When
 * the worker dies, its running calls fail, and the next call starts another.
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
  LargerPicture,
  PictureSize,
  RenderRequest,
  ShelfItem,
  StoredFile,
} from "../../protocol/engine.ts";
import type { RenderEvent } from "../../protocol/render.ts";
import type { TrainingApi, TrainingEvent, TrainingPlan } from "../../protocol/training.ts";

export interface EngineClient extends Omit<TrainingApi, "train"> {
  probe(): Promise<DeviceReport>;
  shelf(): Promise<readonly ShelfItem[]>;
  inspect(files: readonly DroppedFile[]): Promise<readonly FileVerdict[]>;
  remove(id: string): Promise<void>;
  /** The files of a stored model. */
  files(id: string): Promise<readonly StoredFile[]>;
  /** What a ControlNet sees of a picture through a preprocessor of the shelf: RGBA. */
  drawPicture(id: string, picture: Blob, size: PictureSize): Promise<Uint8ClampedArray<ArrayBuffer>>;
  /** A picture, RGBA, enlarged by a super-resolution model of the shelf. */
  upscale(id: string, pixels: Uint8ClampedArray<ArrayBuffer>, size: PictureSize): Promise<LargerPicture>;
  /** Resolves after the last event: done or cancelled. */
  importFiles(files: readonly DroppedFile[], onEvent: (event: ImportEvent) => void): Promise<void>;
  cancelImport(): Promise<void>;
  /** Resolves after the last event: done, cancelled or failed. Never rejects. */
  render(request: RenderRequest, onEvent: (event: RenderEvent) => void): Promise<void>;
  cancelRender(): Promise<void>;
  /** Resolves after the last event: finished, paused or failed. Never rejects. */
  train(plan: TrainingPlan | null, onEvent: (event: TrainingEvent) => void): Promise<void>;
  /** Ends a worker that no longer answers. Its calls count as cancelled, and the next call starts another worker. */
  restart(): void;
  /** Ends the engine; the next call starts one on the chosen device. */
  prefer(choice: DeviceChoice): void;
}

/** All that the engine worker exposes. */
export type WorkerApi = EngineApi & TrainingApi;

/** A running engine: in a worker, or in the page itself (a stand-in for development). */
export interface EngineLink {
  readonly api: WorkerApi | Remote<WorkerApi>;
  /** Rejects when the engine has died or was closed. */
  readonly lost: Promise<never>;
  close(): void;
}

/** The longest time that the last event may arrive after its call has returned. */
const lastEventGraceMs = 3000;

export function engineClient(open: () => EngineLink): EngineClient {
  let link: EngineLink | null = null;
  let preferred: DeviceChoice = "auto";

  function opened(): EngineLink {
    if (link !== null) return link;
    link = open();
    // Calls arrive in order, so this one comes first.
    if (preferred !== "auto") void link.api.prefer(preferred);
    return link;
  }

  /** Makes one call; it rejects with a ZoetropeError, and a lost engine is closed. */
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

  /** Makes a call that sends events over a port, the last of which satisfies `isLast`. */
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
    files: (id) => call((api) => api.files(id)),
    upscale: (id, pixels, size) => call((api) => api.upscale(id, pixels, size)),
    drawPicture: (id, picture, size) => call((api) => api.drawPicture(id, picture, size)),
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
    training: () => call((api) => api.training()),
    timeTrainingStep: (plan) => call((api) => api.timeTrainingStep(plan)),
    train: async (plan, onEvent) => {
      let ended = false;
      try {
        await follow<TrainingEvent>(
          (api, port) => api.train(plan, handOver(port)),
          (event) => {
            ended ||= isTrainingEnd(event);
            onEvent(event);
          },
          isTrainingEnd,
        );
      } catch (thrown) {
        const { hint, ...error } = ZoetropeError.from(thrown).toInfo();
        const stopped = error.code === engineLost || error.code === engineClosed;
        if (!ended) onEvent({ type: "failed", error: { ...error, hint: stopped ? trainingKept : hint } });
      }
    },
    pauseTraining: () => call((api) => api.pauseTraining()),
    learnedFile: (step) => call((api) => api.learnedFile(step)),
    forgetTraining: () => call((api) => api.forgetTraining()),
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
  const api = wrap<WorkerApi>(worker);
  let heard = false;
  worker.addEventListener("message", () => (heard = true), { once: true });
  let closed = () => {};
  const lost = new Promise<never>((_, reject) => {
    closed = () => reject(new ZoetropeError(engineClosed, { message: "The engine was stopped." }));
    worker.addEventListener("error", (event) => reject(heard ? lostError(event.message) : notStartedError(event.message)));
    worker.addEventListener("messageerror", () => reject(lostError()));
  });
  // The running call rejects with it; if none is running, the next call does.
  lost.catch(() => {});
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
/** The error code of calls that a `restart` ended. */
export const engineClosed = "engine/closed";

const trainingKept = "Go on with the training: at most its last steps are lost.";

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

function isTrainingEnd({ type }: TrainingEvent): boolean {
  return type === "finished" || type === "paused" || type === "failed";
}

async function silence(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, lastEventGraceMs));
  throw lostError("the call returned without its last event");
}

/** Marks the port for comlink to transfer. For a stand-in engine in the page itself the mark has no effect. */
function handOver(port: MessagePort): MessagePort {
  return transfer(port, [port]);
}
