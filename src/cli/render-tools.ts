/** What renders of one process share: the device, sessions that stay warm, and the model files that have been read. */

import type { ClipTokenizer } from "../core/prompt/tokenizer.ts";
import { SHIPPED_UPSCALER } from "../models/shipped-upscaler.ts";
import type { Backend } from "../runtime/engine/backend.ts";
import { Engine } from "../runtime/engine/engine.ts";
import type { Upscaler } from "../runtime/engine/run-upscaler.ts";
import { isTransient, parseShardName } from "../runtime/engine/shard-names.ts";
import { sweepShards } from "../runtime/engine/sweep-shards.ts";
import { automaticBackend } from "../runtime/node/automatic-backend.ts";
import { createNodeBackend } from "../runtime/node/backend.ts";
import { openUpscalerFile } from "../runtime/node/upscaler.ts";
import type { RenderArguments } from "./arguments.ts";
import { type OpenedModels, openModels, openTokenizer, publicPath } from "./models.ts";

export type DeviceArguments = Pick<RenderArguments, "backend" | "threads" | "cache">;

export interface OpenBackend {
  readonly backend: Backend;
  /** A sentence on the device that was chosen; null: it was asked for. */
  readonly notice: string | null;
}

/** Everything is opened when it is first needed. */
export class RenderTools {
  readonly #device: DeviceArguments;
  readonly #budgetBytes: number;
  readonly #opened = new Map<string, Promise<unknown>>();
  readonly #upscalers = new Map<string, Promise<Upscaler>>();
  #backend: Promise<OpenBackend> | null = null;
  #engine: Engine | null = null;
  #tokenizer: Promise<ClipTokenizer> | null = null;

  /** @param budgetBytes weights that sessions may keep in memory between renders; 0: none stays warm */
  constructor(device: DeviceArguments, budgetBytes: number) {
    this.#device = device;
    this.#budgetBytes = budgetBytes;
  }

  /** The models that the arguments name. Each file is read once, whichever clips use it. */
  models(args: RenderArguments): Promise<OpenedModels> {
    return openModels(args, (name, open) => {
      const opened = (this.#opened.get(name) ?? open()) as ReturnType<typeof open>;
      this.#opened.set(name, opened);
      return opened;
    });
  }

  tokenizer(): Promise<ClipTokenizer> {
    this.#tokenizer ??= openTokenizer();
    return this.#tokenizer;
  }

  /**
   * The super-resolution model of a file, or the one that ships by its name, open until the end, because many clips use one.
   * @throws ZoetropeError upscaler/not-opened, upscaler/shape
   */
  upscaler(path: string): Promise<Upscaler> {
    const opened =
      this.#upscalers.get(path) ?? openUpscalerFile(path === SHIPPED_UPSCALER.id ? publicPath(SHIPPED_UPSCALER.file) : path);
    this.#upscalers.set(path, opened);
    return opened;
  }

  /** @throws ZoetropeError device/no-gpu, device/wrong-results */
  backend(): Promise<OpenBackend> {
    this.#backend ??= openBackend(this.#device);
    return this.#backend;
  }

  /** @throws ZoetropeError device/no-gpu, device/wrong-results */
  async engine(): Promise<Engine> {
    this.#engine ??= new Engine((await this.backend()).backend, this.#budgetBytes);
    return this.#engine;
  }

  /**
   * Removes weights with merged LoRAs that the next clip does not use: a grid of strengths would fill the disk with them. Those in a
   * cache stay, because another command may use them; its limit removes them in time.
   */
  async sweep({ models: { unet, text, motion } }: OpenedModels): Promise<void> {
    if (this.#device.cache) return;
    const engine = await this.engine();
    const { store } = engine.backend;
    const used = [unet.key, text.key, motion?.key];
    const keys = (await store.names()).flatMap((name) => parseShardName(name)?.partKey ?? []);
    const unused = new Set(keys.filter((key) => isTransient(key) && !used.includes(key)));
    await engine.close(unused);
    await sweepShards(store, (key) => unused.has(key));
  }

  async dispose(): Promise<void> {
    const upscalers = await Promise.allSettled(this.#upscalers.values());
    for (const each of upscalers) if (each.status === "fulfilled") await each.value.release();
    await this.#engine?.release();
    await (await this.#backend)?.backend.dispose();
  }
}

async function openBackend({ backend, threads, cache }: DeviceArguments): Promise<OpenBackend> {
  if (backend === "auto") return automaticBackend({ threads, cache });
  return { backend: await createNodeBackend({ threads, cache, device: backend }), notice: null };
}
