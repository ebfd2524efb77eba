/**
 * Turns models into sessions: packs the weights that are not packed yet, builds the graph for the asked shape in
 * milliseconds and keeps the sessions of late warm within a memory budget. Sessions of one phase stay open together.
 */

import type { NormMode, Precision } from "../../core/settings/render-settings.ts";
import { buildControl, buildHint } from "../../graph/control.ts";
import type { Graph } from "../../graph/graph.ts";
import { ShardLayout } from "../../graph/shard-layout.ts";
import { encodeHere, type PackProgress, packWeights } from "../../graph/shards.ts";
import type { GraphStyle } from "../../graph/style.ts";
import { ALWAYS_TRUE } from "../../graph/subgraphs.ts";
import { buildTextEncoder, type TokenInputs } from "../../graph/text-encoder.ts";
import { buildTextKv } from "../../graph/text-kv.ts";
import { buildUnet, type FreeNoise, type UnetShape } from "../../graph/unet.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../../graph/vae.ts";
import type { ControlPart, ModelSet, Part, SideBranchInputs } from "../compose/model-set.ts";
import type { Backend, Session } from "./backend.ts";
import {
  canonicalControl,
  canonicalDecoder,
  canonicalEncoder,
  canonicalMotion,
  canonicalParts,
  canonicalText,
  canonicalTextKv,
  canonicalUnet,
  type ModelParts,
  type PackedPart,
  partKeyOf,
} from "./packed-parts.ts";

/** 256 MB of fp32. */
const MAX_SCORES = 64 * 2 ** 20;
/** 8 MB of fp32; smaller pieces save nothing more (docs/performance.md). */
const MAX_HIDDEN = 2 * 2 ** 20;
/** 128 MB of fp32. Smaller pieces save some more (docs/performance.md), but each is work that a graphics card is given by itself. */
const MAX_HIDDEN_ON_CARD = 32 * 2 ** 20;

/** Weights that the page's sessions may keep in memory together: UNet and motion module of SD 1.5 at 8 bits, and what is small beside them. */
export const SESSION_BUDGET_BYTES = 1.5 * 2 ** 30;

/** Small models are converted before a worker would have started. */
const WORTH_WORKERS_BYTES = 96 * 2 ** 20;

/** What a UNet computes in: the fastest that is right on the device, or fp32 whatever its weights are stored in. */
export type Arithmetic = "fastest" | "float32";

interface WarmSession {
  readonly session: Session;
  readonly bytes: number;
  /** Names of the graph's inputs. */
  readonly inputs: readonly string[];
  /** Names of the shards that its weights come from. */
  readonly shards: ReadonlySet<string>;
}

interface SessionOptions {
  /** Parts whose low-rank changes the graph takes as inputs. */
  readonly changed?: readonly Pick<Part<unknown>, "sideBranch">[];
  /** Runs once for a prompt, on little, and goes before the UNet runs if there is no room for both: it need not drive out a UNet that is warm. */
  readonly brief?: boolean;
}

export class Engine {
  readonly backend: Backend;
  readonly #budgetBytes: number;
  readonly #sessions = new Map<string, WarmSession>();
  /** Keys of the sessions that the present phase has asked for. */
  readonly #needed = new Set<string>();

  /** @param budgetBytes weights that sessions may keep in memory together; what a phase needs at once may exceed it */
  constructor(backend: Backend, budgetBytes: number) {
    this.backend = backend;
    this.#budgetBytes = budgetBytes;
  }

  /** From here on sessions that were asked for before may be freed for the sake of others; those that will be asked for stay until the next call. */
  beginPhase(): void {
    this.#needed.clear();
  }

  /** Packs every shard that is not in the store yet. Progress counts all of them together. */
  async *prepare(
    parts: ModelParts,
    precision: Precision,
    signal: AbortSignal = new AbortController().signal,
  ): AsyncGenerator<PackProgress, void> {
    const { store } = this.backend;
    const layouts = canonicalParts(parts, this.#style(precision)).map((part) => ({ part, layout: layoutOf([part]) }));
    if ((await this.#missing(layouts)).length === 0) return;
    const endTurn = await store.turn(signal);
    // Another tab may have converted the same model meanwhile.
    const missing = await this.#missing(layouts);
    const totalBytes = missing.reduce((sum, { bytes }) => sum + bytes, 0);
    const pool = totalBytes > WORTH_WORKERS_BYTES ? this.backend.encodePool() : null;
    try {
      let before = 0;
      for (const { part, layout, names, bytes } of missing) {
        await this.#sweep(part, layout);
        for await (const { doneBytes } of packWeights(part.uses, layout, store, pool ?? encodeHere, names)) {
          yield { doneBytes: before + doneBytes, totalBytes };
        }
        before += bytes;
      }
    } finally {
      pool?.close();
      endTurn();
    }
  }

  textEncoder(models: ModelSet, precision: Precision, clipSkip: number, inputs: TokenInputs = "ids"): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(
      `${models.text.key}/${precision}/${clipSkip}/${inputs}`,
      canonicalText(models.text, style),
      () => buildTextEncoder(models.text, clipSkip, style, inputs),
      { changed: [models.text], brief: true },
    );
  }

  textKv(models: ModelSet, precision: Precision, batch: number, tokens: number): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(
      `${models.unet.key}/kv/${precision}/${batch}/${tokens}`,
      canonicalTextKv(models.unet, style),
      () => buildTextKv(models.unet, batch, tokens, style),
      { changed: [models.unet], brief: true },
    );
  }

  /** Takes the residuals of control models where there are any. */
  unet(
    models: ModelSet,
    precision: Precision,
    norm: NormMode,
    shape: UnetShape,
    freeNoise: FreeNoise | null,
    arithmetic: Arithmetic = "fastest",
  ): Promise<Session> {
    const style = this.#unetStyle(precision, arithmetic);
    const { unet, motion } = models;
    const control = models.controls.length > 0;
    const windows = freeNoise === null ? "whole" : `${freeNoise.length}-${freeNoise.stride}`;
    const key = [
      unet.key,
      motion?.key ?? "still",
      control ? "controlled" : "free",
      windows,
      precision,
      style.compute ?? "float32",
      norm,
      sizeKey(shape),
    ].join("/");
    const parts = [...canonicalUnet(unet, style), ...canonicalMotion(motion, style)];
    const build = () => buildUnet({ ...shape, unet, motion, norm, style, control, freeNoise });
    return this.#session(key, parts, build, { changed: motion === null ? [unet] : [unet, motion] });
  }

  hint(control: ControlPart, precision: Precision, shape: UnetShape): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${control.key}/hint/${precision}/${sizeKey(shape)}`, canonicalControl(control, style), () =>
      buildHint(control, shape, style),
    );
  }

  control(control: ControlPart, precision: Precision, norm: NormMode, shape: UnetShape): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${control.key}/${precision}/${norm}/${sizeKey(shape)}`, canonicalControl(control, style), () =>
      buildControl(control, shape, norm, style),
    );
  }

  /** Keys and values of a control model's own cross-attentions. */
  controlKv(control: ControlPart, precision: Precision, batch: number, tokens: number): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${control.key}/kv/${precision}/${batch}/${tokens}`, canonicalControl(control, style), () =>
      buildTextKv({ config: control.unet, weights: control.weights }, batch, tokens, style),
    );
  }

  vaeEncoder(models: ModelSet, precision: Precision, height: number, width: number): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${models.vae.key}/encode/${precision}/${height}/${width}`, canonicalEncoder(models.vae, style), () =>
      buildVaeEncoder(models.vae, 8 * height, 8 * width, style),
    );
  }

  vaeDecoder(models: ModelSet, precision: Precision, height: number, width: number): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${models.vae.key}/decode/${precision}/${height}/${width}`, canonicalDecoder(models.vae, style), () =>
      buildVaeDecoder(models.vae, height, width, style),
    );
  }

  /** Whether "fastest" means fp16 for a UNet with such weights. */
  computesInFp16(precision: Precision): boolean {
    return this.backend.fp16 && precision !== "fp32";
  }

  /** Frees the sessions that were made of parts with these keys. */
  async close(partKeys: ReadonlySet<string>): Promise<void> {
    for (const [key, { session, shards }] of this.#sessions) {
      if (![...shards].some((name) => partKeys.has(partKeyOf(name)))) continue;
      this.#sessions.delete(key);
      // A device that has gone or is overfull may refuse: it is given up anyway.
      await session.release().catch(() => undefined);
    }
  }

  /** Frees every session; shards stay. */
  async release(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  /** Of each part, what is still to be packed; parts that are whole are left out. */
  async #missing<T extends { readonly layout: ShardLayout }>(layouts: readonly T[]) {
    const found = await Promise.all(
      layouts.map(async (entry) => {
        const names = new Set<string>();
        let bytes = 0;
        for (const [name, size] of entry.layout.shards) {
          if (await this.backend.store.has(name, size)) continue;
          names.add(name);
          bytes += size;
        }
        return { ...entry, names, bytes };
      }),
    );
    return found.filter(({ names }) => names.size > 0);
  }

  /** Shards of the same part in a layout of before. */
  async #sweep(part: PackedPart, layout: ShardLayout): Promise<void> {
    for (const name of await this.backend.store.names()) {
      if (name.startsWith(`${part.name}-`) && !layout.shards.has(name)) await this.backend.store.remove(name);
    }
  }

  #style(precision: Precision): GraphStyle {
    const { kind, attention } = this.backend;
    if (kind === "webgpu") {
      // Fused attention never holds its scores there; the processor's may: 16 frames of 64×64 latents have 8.6 GB of them.
      const scores = attention === "fused" ? {} : { maxScores: MAX_SCORES };
      // onnxruntime has no Scan there.
      return { precision, attention, ...scores, maxHidden: MAX_HIDDEN_ON_CARD, chunking: "unrolled" };
    }
    // Only native kernels gain by long blocks, and a page that changes between graphics card and processor reads the same shards.
    return { precision, attention, longBlocks: kind === "cpu", maxScores: MAX_SCORES, maxHidden: MAX_HIDDEN };
  }

  /** The UNet is where time and memory go: it computes in fp16 where that is right, unless full precision is wanted. */
  #unetStyle(precision: Precision, arithmetic: Arithmetic): GraphStyle {
    const style = this.#style(precision);
    return arithmetic === "fastest" && this.computesInFp16(precision) ? { ...style, compute: "float16" } : style;
  }

  async #session(
    name: string,
    parts: readonly PackedPart[],
    build: () => Graph,
    { changed = [], brief = false }: SessionOptions = {},
  ): Promise<Session> {
    const sides = changed.flatMap(({ sideBranch }) => sideBranch ?? []);
    const key = [name, ...sides.map(({ layers }) => layers)].join("|");
    const { session, inputs } = await this.#warm(key, parts, build, brief);
    return sides.length === 0 ? session : fed(session, inputs, sides);
  }

  async #warm(key: string, parts: readonly PackedPart[], build: () => Graph, brief: boolean): Promise<WarmSession> {
    this.#needed.add(key);
    const warm = this.#sessions.get(key);
    if (warm !== undefined) {
      // Most recently used last.
      this.#sessions.delete(key);
      this.#sessions.set(key, warm);
      if (!brief) await this.#makeRoom(0);
      return warm;
    }
    const layout = layoutOf(parts);
    const bytes = layout.bytes;
    await this.#makeRoom(brief ? 0 : bytes);
    const graph = build();
    const created = await this.backend.createSession(graph.encode(layout), [...layout.shards.keys()]);
    const session = graph.inputs.some(({ name }) => name === ALWAYS_TRUE) ? withTrue(created) : created;
    const opened = { session, bytes, inputs: graph.inputs.map(({ name }) => name), shards: new Set(layout.shards.keys()) };
    this.#sessions.set(key, opened);
    return opened;
  }

  async #makeRoom(bytes: number): Promise<void> {
    let used = [...this.#sessions.values()].reduce((sum, s) => sum + s.bytes, 0);
    for (const [key, oldest] of this.#sessions) {
      if (used + bytes <= this.#budgetBytes) return;
      if (this.#needed.has(key)) continue;
      this.#sessions.delete(key);
      await oldest.session.release();
      used -= oldest.bytes;
    }
  }
}

/** A session whose graph has isolated parts: gives their condition with every run. */
function withTrue(session: Session): Session {
  const condition = { [ALWAYS_TRUE]: { type: "bool", shape: [], data: Uint8Array.of(1) } } as const;
  return { run: (inputs) => session.run({ ...inputs, ...condition }), release: () => session.release() };
}

/** A session that is given low-rank changes with every run, those of them that its graph takes. */
async function fed(session: Session, inputs: readonly string[], sides: readonly SideBranchInputs[]): Promise<Session> {
  const wanted = new Set(inputs);
  const all = await Promise.all(sides.map((side) => side.read()));
  const changes = Object.fromEntries(all.flatMap((tensors) => Object.entries(tensors)).filter(([name]) => wanted.has(name)));
  return { run: (own) => session.run({ ...own, ...changes }), release: () => session.release() };
}

function layoutOf(parts: readonly PackedPart[]): ShardLayout {
  return new ShardLayout(Object.fromEntries(parts.map((part) => [part.name, part.uses])));
}

function sizeKey({ frames, height, width, textBatch, textTokens }: UnetShape): string {
  return [frames, height, width, textBatch, textTokens].join("/");
}
