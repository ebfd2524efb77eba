/** The engine behind the page: what the inference worker exposes. One rendering and one import at a time. */

import { keptOnCardBytes, planMemory } from "../../core/animation/memory.ts";
import { ZoetropeError } from "../../core/errors.ts";
import { suitablePrecision } from "../../core/precision.ts";
import type { ClipTokenizer } from "../../core/prompt/tokenizer.ts";
import type { Precision, RenderSettings } from "../../core/settings/render-settings.ts";
import type { PackProgress } from "../../graph/shards.ts";
import type { MotionConfig } from "../../models/types.ts";
import type {
  DeviceChoice,
  DeviceReport,
  DroppedFile,
  EngineApi,
  FileVerdict,
  ModelSelection,
  RenderRequest,
  ShelfItem,
} from "../../protocol/engine.ts";
import { translateStorageError } from "../../storage/storage-errors.ts";
import { use, whenUnused } from "../../storage/use-locks.ts";
import { composeModels, type LoraChoice } from "../compose/compose.ts";
import type { ModelSet } from "../compose/model-set.ts";
import { modelSize } from "../compose/model-size.ts";
import { Engine, SESSION_BUDGET_BYTES } from "../engine/engine.ts";
import { Mutex } from "../engine/mutex.ts";
import type { ModelParts } from "../engine/packed-parts.ts";
import { isPassing, sweepShards } from "../engine/sweep-shards.ts";
import { animate } from "../pipeline/pipeline.ts";
import { createWebBackend, type WebBackend } from "./device/backend.ts";
import { deviceReport } from "./device/probe.ts";
import { type ChosenModels, chosenModels, selectedIds } from "./library/chosen-models.ts";
import { importModels, inspectFiles } from "./library/imports.ts";
import { fits, mayFit, motionFitsNotice, type Partner } from "./library/motion-fits.ts";
import { openStores, type Stores } from "./library/stores.ts";
import { RenderPort } from "./render-port.ts";
import { readHints, readStart } from "./start-pictures.ts";

/** With the weights of SD 1.5 about what a graphics card of 8 GB can spare. */
const KEPT_ON_CARD_BYTES = 4e9;

export class EngineService implements EngineApi {
  readonly #base: string;
  #prefer: DeviceChoice;
  readonly #turn = new Mutex();
  #opened: Promise<Stores> | null = null;
  #backend: Promise<WebBackend> | null = null;
  #engine: Engine | null = null;
  #tokenizer: Promise<ClipTokenizer> | null = null;
  #models: { readonly key: string; readonly set: ModelSet; readonly notices: readonly string[] } | null = null;
  /** Whether the graphics card gives values back at once. */
  #thrifty = false;
  #ranOut = false;
  #rendering = new AbortController();
  #importing = new AbortController();

  /** @param base URL of the page's folder, ending in a slash */
  constructor(base: string, prefer: DeviceChoice) {
    this.#base = base;
    this.#prefer = prefer;
  }

  async prefer(choice: DeviceChoice): Promise<void> {
    this.#prefer = choice;
  }

  async probe(): Promise<DeviceReport> {
    const { report } = await this.#device();
    // Storage changes all the time; the rest of the report does not.
    return deviceReport({ ...report, notices: report.notice === null ? [] : [report.notice] });
  }

  async shelf(): Promise<readonly ShelfItem[]> {
    return (await this.#open()).shelf.items();
  }

  inspect(files: readonly DroppedFile[]): Promise<readonly FileVerdict[]> {
    return inspectFiles(files);
  }

  async importFiles(files: readonly DroppedFile[], port: MessagePort): Promise<void> {
    this.#importing = new AbortController();
    const { signal } = this.#importing;
    const { files: store } = await this.#open();
    const options = {
      store,
      signal,
      convert: (item: ShelfItem) => this.#convert(item, signal),
      notice: (item: ShelfItem) => this.#noticeOf(item),
      // Nothing is made of it here, so no animation need be waited for.
      discard: (id: string) => whenUnused(id, () => this.#delete(id)),
    };
    for await (const event of importModels(files, options)) port.postMessage(event);
    port.close();
  }

  async cancelImport(): Promise<void> {
    this.#importing.abort();
  }

  async remove(id: string): Promise<void> {
    await whenUnused(id, () =>
      this.#turn.run(async () => {
        this.#models = null;
        await this.#engine?.release();
        await this.#delete(id);
      }),
    );
  }

  /** The files last: as long as they are there, what is cut off here can be removed again. */
  async #delete(id: string): Promise<void> {
    const { files, shards } = await this.#open();
    for (const { name } of await shards.list()) if (name.includes(id)) await shards.remove(name);
    // Of a LoRA nothing else is converted than what it was merged into, and that does not name it.
    await sweepShards(shards, isPassing);
    await files.remove(id);
  }

  async render(request: RenderRequest, port: MessagePort): Promise<void> {
    // A request that waits its turn can be cancelled, too.
    const controller = new AbortController();
    this.#rendering = controller;
    const { signal } = controller;
    const events = new RenderPort(port);
    const failed = async (thrown: unknown) => {
      if (signal.aborted) events.cancelled();
      else events.failed(await this.#recover(ZoetropeError.from(thrown)));
    };
    try {
      const chosen = chosenModels(request, await (await this.#open()).shelf.items());
      for (const notice of chosen.notices) events.notice(notice);
      // Before the turn, as removing does: the other way round they could wait for each other.
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

  /** Where the graphics card's memory runs out, once more with as little of it as can be. */
  async #attempt(request: RenderRequest, chosen: ChosenModels, events: RenderPort, signal: AbortSignal): Promise<void> {
    try {
      await this.#render(request, chosen, events, signal);
    } catch (thrown) {
      const error = ZoetropeError.from(thrown);
      if (error.code !== "device/out-of-memory" || this.#thrifty || this.#engine?.backend.kind !== "webgpu") throw error;
      signal.throwIfAborted();
      await this.#giveUpDevice();
      this.#ranOut = true;
      events.notice("The graphics card's memory ran out: the animation is made again, more slowly and with less of it.");
      await this.#render(request, chosen, events, signal);
    }
  }

  async #render(
    { settings, start, control }: RenderRequest,
    { selection, embeddings, ids }: ChosenModels,
    events: RenderPort,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const { shelf, shards } = await this.#open();
    await shelf.mustHave(ids);
    await this.#fetch(selection, events, signal);
    const { set, notices } = await this.#compose(selection, embeddings, control?.model ?? null);
    for (const notice of notices) events.notice(notice);
    await this.#suitCard(settings, set);
    const engine = await this.#running();
    this.#tokenizer ??= shelf.tokenizer();
    events.preview(set.preview, settings);
    const merged = mergedKeys(set);
    await sweepShards(shards, (key) => isPassing(key) && !merged.includes(key));
    const initVideo = start === undefined ? null : await readStart(start, settings);
    const hints = control === undefined ? [] : [await readHints(control, set.controls[0]!.condition, settings)];
    const { memoryBytes } = engine.backend;
    const { decodeTile } =
      memoryBytes === null ? { decodeTile: null } : planMemory(settings, modelSize(set, settings.precision), memoryBytes);
    const request = { settings, models: set, initLatents: null, initVideo, hints, decodeTile };
    const end = await use(merged, signal);
    try {
      for await (const event of animate(request, engine, await this.#tokenizer, signal)) events.send(event);
    } finally {
      await end();
    }
  }

  /** Packs a checkpoint or motion module at the precision it will run at on this device. */
  async *#convert(item: ShelfItem, signal: AbortSignal): AsyncGenerator<PackProgress> {
    const engine = await this.#running();
    const precision = await this.#precisionOf(item, engine.backend.kind);
    if (precision === null) return;
    const end = await use([item.id], signal);
    try {
      yield* engine.prepare(await this.#partsOf(item), precision, signal);
    } finally {
      await end();
    }
  }

  async #partsOf({ id, kind }: ShelfItem): Promise<ModelParts> {
    const { shelf } = await this.#open();
    if (kind === "motion") return { motion: { ...(await shelf.motion(id)), key: `${id}-motion` } };
    if (kind !== "checkpoint") return {};
    const { unet, textEncoder, vae } = (await shelf.checkpoint(id)).checkpoint;
    return {
      unet: { ...unet, key: `${id}-unet` },
      ...(textEncoder === null ? {} : { text: { ...textEncoder, key: `${id}-text` } }),
      ...(vae === null ? {} : { vae: { ...vae, key: `${id}-vae` } }),
    };
  }

  /** A motion module runs as the checkpoint does that it animates; null: there is none yet, it is converted when it is used. */
  async #precisionOf({ id, kind, bytes }: ShelfItem, backend: "webgpu" | "wasm" | "cpu"): Promise<Precision | null> {
    const suitable = (size: number) => suitablePrecision(backend === "webgpu" ? "webgpu" : "wasm", size);
    if (kind !== "motion") return suitable(bytes);
    const { config } = await (await this.#open()).shelf.motion(id);
    const fitting = (await this.#checkpointsFor(config)).filter((checkpoint) => checkpoint.fits);
    return fitting.length === 0 ? null : suitable(Math.max(...fitting.map((checkpoint) => checkpoint.bytes)));
  }

  async #noticeOf({ id, kind, name }: ShelfItem): Promise<string | null> {
    if (kind !== "motion") return null;
    const { config } = await (await this.#open()).shelf.motion(id);
    return motionFitsNotice(name, config, await this.#checkpointsFor(config));
  }

  /** Those on the shelf that can be read. What its card rules out is not opened: Mini would have to be fetched for it. */
  async #checkpointsFor(motion: MotionConfig): Promise<(Partner & { bytes: number })[]> {
    const { shelf } = await this.#open();
    const items = (await shelf.items()).filter(({ kind }) => kind === "checkpoint");
    const opened = await Promise.allSettled(
      items.map(async ({ id, name, bytes, levels }) => {
        const may = mayFit(levels, motion);
        return { name, bytes, fits: may && fits((await shelf.checkpoint(id)).checkpoint.unet.config, motion) };
      }),
    );
    return opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }

  async #fetch(selection: ModelSelection, events: RenderPort, signal: AbortSignal): Promise<void> {
    const { shelf } = await this.#open();
    let begun = false;
    for await (const { doneBytes, totalBytes } of shelf.fetchMissing(selectedIds(selection), signal)) {
      if (!begun) events.send({ type: "phase", phase: "download" });
      begun = true;
      events.send({ type: "progress", phase: "download", done: doneBytes, total: totalBytes });
    }
  }

  /** Opens the chosen models; the last choice stays open, so that generating again reads nothing. */
  async #compose(
    selection: ModelSelection,
    embeddings: readonly string[],
    control: string | null,
  ): Promise<{ set: ModelSet; notices: readonly string[] }> {
    const { shelf } = await this.#open();
    const key = JSON.stringify([selection, embeddings, control]);
    if (this.#models?.key === key) return this.#models;
    const { checkpoint, preview } = await shelf.checkpoint(selection.checkpoint);
    const lora = async ({ id, weight }: { id: string; weight: number }): Promise<LoraChoice> => ({
      id: await shelf.contentKey(id),
      lora: await shelf.lora(id),
      weight,
    });
    const base = await shelf.contentKey(selection.checkpoint);
    const { models, notices } = composeModels({
      checkpoint,
      preview,
      controls: control === null ? [] : [await shelf.control(control)],
      embeddings: await Promise.all(embeddings.map((id) => shelf.embedding(id))),
      motion: selection.motion === null ? null : await shelf.motion(selection.motion),
      vae: selection.vae === null ? null : await shelf.vae(selection.vae),
      loras: await Promise.all([...selection.loras, ...selection.motionLoras].map(lora)),
      keys: {
        unet: `${base}-unet`,
        text: `${base}-text`,
        vae: `${selection.vae ?? base}-vae`,
        motion: `${selection.motion === null ? "" : await shelf.contentKey(selection.motion)}-motion`,
      },
    });
    this.#models = { key, set: models, notices };
    return this.#models;
  }

  #open(): Promise<Stores> {
    this.#opened ??= openStores(this.#base).catch((thrown) => {
      // Without room for its folders, for instance: the next call tries again.
      this.#opened = null;
      throw translateStorageError(thrown);
    });
    return this.#opened;
  }

  #device(): Promise<WebBackend> {
    this.#backend ??= this.#open().then(({ shards }) =>
      createWebBackend({ store: shards, prefer: this.#prefer, thrifty: this.#thrifty }),
    );
    this.#backend.catch(() => {
      this.#backend = null;
    });
    return this.#backend;
  }

  /** Values are kept for others of their size where the card has room for them, which is faster. */
  async #suitCard(settings: RenderSettings, set: ModelSet): Promise<void> {
    const engine = await this.#running();
    if (engine.backend.kind !== "webgpu") return;
    const kept = keptOnCardBytes(settings, modelSize(set, settings.precision), engine.computesInFp16(settings.precision));
    const thrifty = this.#ranOut || kept > KEPT_ON_CARD_BYTES;
    if (thrifty === this.#thrifty) return;
    await this.#giveUpDevice();
    this.#thrifty = thrifty;
  }

  async #running(): Promise<Engine> {
    this.#engine ??= new Engine(await this.#device(), SESSION_BUDGET_BYTES);
    return this.#engine;
  }

  /** A lost or overfull device is given up, so that the next rendering starts on a fresh one. */
  async #recover(error: ZoetropeError): Promise<ZoetropeError> {
    if (error.code.startsWith("device/")) await this.#giveUpDevice();
    return error;
  }

  async #giveUpDevice(): Promise<void> {
    await this.#engine?.release().catch(() => undefined);
    await (await this.#backend)?.dispose().catch(() => undefined);
    this.#engine = null;
    this.#backend = null;
  }
}

/** Keys of the parts that have LoRAs merged into them. */
function mergedKeys({ unet, text, motion }: ModelSet): string[] {
  return [unet, text, ...(motion === null ? [] : [motion])].map(({ key }) => key).filter(isPassing);
}
