/** The engine behind the page: the interface that the inference worker exposes. It runs one render and one import at a time. */

import { planMemory } from "../../core/animation/memory.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { blankNotice } from "../../core/preprocess/annotator.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import { toRgba } from "../../media/pixels.ts";
import { baseName } from "../../models/files.ts";
import type { Identified } from "../../models/identify.ts";
import type {
  ControlPictures,
  DeviceChoice,
  DeviceReport,
  DroppedFile,
  EngineApi,
  FileVerdict,
  LargerPicture,
  ModelSelection,
  PictureSize,
  RenderRequest,
  ShelfItem,
  StoredFile,
} from "../../protocol/engine.ts";
import type { KeptTraining, TrainingApi, TrainingPlan } from "../../protocol/training.ts";
import { translateStorageError } from "../../storage/storage-errors.ts";
import { use, whenUnused } from "../../storage/use-locks.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { modelSize } from "../compose/model-size.ts";
import { Mutex } from "../engine/mutex.ts";
import { isPartOf, isTransient, parseShardName } from "../engine/shard-names.ts";
import { sweepShards } from "../engine/sweep-shards.ts";
import type { ClipRequest } from "../pipeline/clip-request.ts";
import { clipLatents } from "../pipeline/given-latents.ts";
import { renderClip } from "../pipeline/render-clip.ts";
import { convertImport, importNotice } from "./convert-import.ts";
import { deviceReport } from "./device/probe.ts";
import { DrawnPictures, drawWith } from "./drawn-pictures.ts";
import { EngineHost } from "./engine-host.ts";
import { KeptUpscaler } from "./kept-upscaler.ts";
import { type ChosenModels, chosenModels, selectedIds } from "./library/chosen-models.ts";
import { InspectedModels, importModels, inspectFiles } from "./library/imports.ts";
import type { Shelf } from "./library/shelf.ts";
import { openStores, type Stores } from "./library/stores.ts";
import { RenderPort } from "./render-port.ts";
import { type Composed, SelectedModels } from "./selected-models.ts";
import { type DrawPictures, planesOf, readControl, readHeldFrames, readLikeness, readStart } from "./start-pictures.ts";
import { StoppedClip } from "./stopped-clip.ts";
import { TrainingService } from "./training/training-service.ts";

export class EngineService implements EngineApi, TrainingApi {
  readonly #base: string;
  readonly #host: EngineHost;
  readonly #turn = new Mutex();
  readonly #selected = new SelectedModels();
  readonly #stopped = new StoppedClip();
  readonly #upscaler = new KeptUpscaler();
  readonly #drawn = new DrawnPictures();
  readonly #inspected = new InspectedModels();
  readonly #training: TrainingService;
  #opened: Promise<Stores> | null = null;
  #tokenizer: Promise<ClipTokenizer> | null = null;
  #rendering = new AbortController();
  #importing = new AbortController();

  /** @param base URL of the page's folder, ending in a slash */
  constructor(base: string, prefer: DeviceChoice) {
    this.#base = base;
    this.#host = new EngineHost(async () => (await this.#open()).shards, prefer);
    const [host, turn] = [this.#host, this.#turn];
    this.#training = new TrainingService({ host, turn, open: () => this.#open(), tokenizer: () => this.#readTokenizer() });
  }

  async prefer(choice: DeviceChoice): Promise<void> {
    this.#host.prefer(choice);
  }

  async probe(): Promise<DeviceReport> {
    const { report } = await this.#host.device();
    // Free storage changes all the time; the rest of the report does not.
    return deviceReport({ ...report, notices: report.notice === null ? [] : [report.notice] });
  }

  async shelf(): Promise<readonly ShelfItem[]> {
    return (await this.#open()).shelf.items();
  }

  inspect(files: readonly DroppedFile[]): Promise<readonly FileVerdict[]> {
    return inspectFiles(files, this.#inspected);
  }

  async importFiles(files: readonly DroppedFile[], port: MessagePort): Promise<void> {
    this.#importing = new AbortController();
    this.#stopped.forget();
    const { signal } = this.#importing;
    const { files: store, shelf } = await this.#open();
    const host = this.#host;
    const options = {
      store,
      inspected: this.#inspected,
      signal,
      convert: async function* ({ id }: ShelfItem, found: Identified) {
        yield* convertImport(id, found, shelf, await host.engine(), signal);
      },
      notice: (found: Identified) => importNotice(found, shelf),
      // The model is new, so no render in this tab can be using it.
      discard: (id: string) => whenUnused(id, () => this.#delete(id)),
    };
    for await (const event of importModels(files, options)) port.postMessage(event);
    port.close();
  }

  async drawPicture(id: string, picture: Blob, size: PictureSize): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const { shelf } = await this.#open();
    const end = await use([id], new AbortController().signal);
    try {
      const [file, pixels] = await Promise.all([shelf.pictureModelFile(id), planesOf(picture, size), this.#host.device()]);
      const [drawn] = await drawWith(file, [pixels], size);
      return toRgba(drawn!.map((x) => 2 * x - 1));
    } finally {
      await end();
    }
  }

  async upscale(id: string, pixels: Uint8ClampedArray<ArrayBuffer>, size: PictureSize): Promise<LargerPicture> {
    const { shelf } = await this.#open();
    const end = await use([id], new AbortController().signal);
    try {
      await this.#host.device();
      return await this.#upscaler.upscale(id, () => shelf.pictureModelFile(id), pixels, size);
    } finally {
      await end();
    }
  }

  async cancelImport(): Promise<void> {
    this.#importing.abort();
  }

  async files(id: string): Promise<readonly StoredFile[]> {
    return (await (await this.#open()).files.files(id)) ?? [];
  }

  async remove(id: string): Promise<void> {
    await whenUnused(id, () =>
      this.#turn.run(async () => {
        this.#selected.forget();
        this.#stopped.forget();
        await this.#upscaler.release();
        await this.#host.releaseSessions();
        await this.#delete(id);
      }),
    );
  }

  /** Removes the files last: while they exist, a removal that was interrupted can be repeated. */
  async #delete(id: string): Promise<void> {
    const { files, shards } = await this.#open();
    for (const name of await shards.names()) {
      const shard = parseShardName(name);
      if (shard !== null && isPartOf(shard.partKey, id)) await shards.remove(name);
    }
    // A LoRA has no shards of its own: merged shards are keyed by a digest, so the unused ones are swept.
    await sweepShards(shards, isTransient);
    await files.remove(id);
  }

  async render(request: RenderRequest, port: MessagePort): Promise<void> {
    // Set before the turn, so that a request that still waits for its turn can be cancelled.
    const controller = new AbortController();
    this.#rendering = controller;
    const { signal } = controller;
    const events = new RenderPort(port);
    const failed = async (thrown: unknown) => {
      if (signal.aborted) return events.cancelled();
      this.#stopped.forget();
      events.failed(await this.#recover(ZoetropeError.from(thrown)));
    };
    try {
      const chosen = chosenModels(request, await (await this.#open()).shelf.items());
      for (const notice of chosen.notices) events.notice(notice);
      // Locks come before the turn, as they do in `remove`: in the opposite order the two could wait for each other.
      const end = await use(chosen.ids, signal);
      try {
        await this.#turn.run(() => this.#attempt(request, chosen, events, signal).catch(failed));
      } finally {
        await end();
      }
    } catch (thrown) {
      await failed(thrown);
    }
    events.close();
  }

  async cancelRender(): Promise<void> {
    this.#rendering.abort();
  }

  training(): Promise<KeptTraining | null> {
    return this.#training.training();
  }

  timeTrainingStep(plan: Pick<TrainingPlan, "kind" | "models" | "settings">): Promise<number | null> {
    return this.#training.timeTrainingStep(plan);
  }

  train(plan: TrainingPlan | null, port: MessagePort): Promise<void> {
    return this.#training.train(plan, port);
  }

  pauseTraining(): Promise<void> {
    return this.#training.pauseTraining();
  }

  learnedFile(step: number | null): Promise<Uint8Array<ArrayBuffer>> {
    return this.#training.learnedFile(step);
  }

  forgetTraining(): Promise<void> {
    return this.#training.forgetTraining();
  }

  /** When the graphics card's memory runs out, renders once more with as little of it as possible. */
  async #attempt(request: RenderRequest, chosen: ChosenModels, events: RenderPort, signal: AbortSignal): Promise<void> {
    try {
      await this.#render(request, chosen, events, signal);
    } catch (thrown) {
      const error = ZoetropeError.from(thrown);
      if (error.code !== "device/out-of-memory" || !this.#host.canSaveMemory) throw error;
      signal.throwIfAborted();
      await this.#host.saveMemory();
      events.notice("The graphics card's memory ran out: the animation is made again, more slowly and with less of it.");
      await this.#render(request, chosen, events, signal);
    }
  }

  async #render(request: RenderRequest, chosen: ChosenModels, events: RenderPort, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#upscaler.release();
    const { settings } = request;
    const { selection, embeddings, ids } = chosen;
    const { shelf, shards } = await this.#open();
    await shelf.mustHave(ids);
    await this.#fetch(selection, events, signal);
    const selected = { selection, embeddings, controls: controlsOf(request).map(({ model }) => model), lanes: settings.lanes };
    const { models, notices, latents } = await this.#selected.compose(selected, shelf);
    for (const notice of notices) events.notice(notice);
    await this.#host.suit(settings, models);
    const engine = await this.#host.engine();
    const tokenizer = await this.#readTokenizer();
    events.begin(models.family, settings);
    const merged = mergedKeys(models);
    await sweepShards(shards, (key) => isTransient(key) && !merged.includes(key));
    this.#drawn.begin();
    const draw = this.#drawPictures(request, shelf, events, signal);
    const clip = await clipRequest(request, { models, latents }, shelf, engine.backend.memoryBytes, draw);
    const end = await use(merged, signal);
    try {
      const tools = { engine, tokenizer, signal, predictions: await this.#stopped.begin(request) };
      for await (const event of renderClip(clip, tools)) events.send(event);
      this.#stopped.forget();
    } finally {
      await end();
    }
  }

  /** Preprocessors with a model draw before the clip begins, and say how far they are. */
  #drawPictures({ settings }: RenderRequest, shelf: Shelf, events: RenderPort, signal: AbortSignal): DrawPictures {
    return async ({ id }, pictures) => {
      events.send({ type: "phase", phase: "pictures" });
      const say = (done: number) => events.send({ type: "progress", phase: "pictures", done, total: pictures.length });
      const file = await shelf.pictureModelFile(id);
      const drawn = await this.#drawn.draw({ id, file }, pictures, settings, signal, say);
      const notice = blankNotice(baseName(file.source.name), drawn);
      if (notice !== null) events.notice(notice);
      return drawn;
    };
  }

  /** Fetches the selected models that ship with the page and are not here yet. */
  async #fetch(selection: ModelSelection, events: RenderPort, signal: AbortSignal): Promise<void> {
    const { shelf } = await this.#open();
    let begun = false;
    for await (const { doneBytes, totalBytes } of shelf.fetchMissing(selectedIds(selection), signal)) {
      if (!begun) events.send({ type: "phase", phase: "download" });
      begun = true;
      events.send({ type: "progress", phase: "download", done: doneBytes, total: totalBytes });
    }
  }

  #readTokenizer(): Promise<ClipTokenizer> {
    this.#tokenizer ??= this.#open().then(({ shelf }) => shelf.tokenizer());
    return this.#tokenizer;
  }

  #open(): Promise<Stores> {
    this.#opened ??= openStores(this.#base).catch((thrown) => {
      // Storage may have been full, for instance: the next call tries again.
      this.#opened = null;
      throw translateStorageError(thrown);
    });
    return this.#opened;
  }

  async #recover(error: ZoetropeError): Promise<ZoetropeError> {
    if (error.code.startsWith("device/")) await this.#host.giveUp();
    return error;
  }
}

/** @param memoryBytes memory for everything on the device; null: unknown, so frames are decoded whole */
async function clipRequest(
  request: RenderRequest,
  { models, latents }: Pick<Composed, "models" | "latents">,
  shelf: Shelf,
  memoryBytes: number | null,
  draw: DrawPictures,
): Promise<ClipRequest> {
  const { settings, start, likeness, heldFrames = [] } = request;
  const size = modelSize(models, settings.precision);
  return {
    settings,
    models,
    initLatents: start === undefined ? await clipLatents(latents, settings, models) : null,
    initVideo: start === undefined ? null : await readStart(start, settings),
    heldFrames: await readHeldFrames(heldFrames, settings),
    controls: await inOrder(controlsOf(request), (control, i) => readControl(control, models.controls[i]!, settings, draw)),
    likeness: likeness === undefined ? null : await readLikeness(likeness, models, settings.frames, shelf),
    decodeTile: memoryBytes === null ? null : planMemory(settings, size, memoryBytes).decodeTile,
  };
}

/** One after another, so that only one preprocessor is open at a time. */
async function inOrder<T, U>(items: readonly T[], make: (item: T, index: number) => Promise<U>): Promise<U[]> {
  const made: U[] = [];
  for (const [i, item] of items.entries()) made.push(await make(item, i));
  return made;
}

function controlsOf({ control, moreControls = [] }: RenderRequest): readonly ControlPictures[] {
  return control === undefined ? [] : [control, ...moreControls];
}

/** Keys of the parts that have LoRAs merged into them. */
function mergedKeys({ unet, text, motion }: ModelSet): string[] {
  return [unet, text, ...(motion === null ? [] : [motion])].map(({ key }) => key).filter(isTransient);
}
