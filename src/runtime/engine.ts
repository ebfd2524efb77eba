/**
 * Turns models into sessions: packs the weights that are not packed yet, builds the graph for the asked shape in
 * milliseconds and keeps the sessions of late warm within a memory budget.
 */

import { buildControl, buildHint } from "../graph/control.ts";
import type { Graph, GraphStyle } from "../graph/graph.ts";
import { type PackProgress, packWeights, ShardLayout } from "../graph/shards.ts";
import { buildTextEncoder } from "../graph/text-encoder.ts";
import { buildTextKv } from "../graph/text-kv.ts";
import { buildUnet, type FreeNoise, type UnetShape } from "../graph/unet.ts";
import { buildVaeDecoder, buildVaeEncoder } from "../graph/vae.ts";
import type { NormMode, Precision } from "../protocol/render.ts";
import type { Backend, Session } from "./backend.ts";
import type { ControlPart, ModelSet } from "./model-set.ts";
import {
  canonicalControl,
  canonicalDecoder,
  canonicalEncoder,
  canonicalMotion,
  canonicalParts,
  canonicalText,
  canonicalUnet,
  type ModelParts,
  type PackedPart,
} from "./packed-parts.ts";

interface WarmSession {
  readonly session: Session;
  readonly bytes: number;
}

export class Engine {
  readonly backend: Backend;
  readonly #budgetBytes: number;
  readonly #sessions = new Map<string, WarmSession>();

  /** @param budgetBytes weights that sessions may keep in memory together; the one in use may exceed it alone */
  constructor(backend: Backend, budgetBytes: number) {
    this.backend = backend;
    this.#budgetBytes = budgetBytes;
  }

  /** Packs every part whose shards are not in the store yet. Progress counts all of them together. */
  async *prepare(parts: ModelParts, precision: Precision): AsyncGenerator<PackProgress, void> {
    const missing: { part: PackedPart; layout: ShardLayout }[] = [];
    for (const part of canonicalParts(parts, this.#style(precision))) {
      const layout = new ShardLayout({ [part.name]: part.uses });
      const present = await Promise.all([...layout.shards].map(([name, bytes]) => this.backend.store.has(name, bytes)));
      if (!present.every(Boolean)) missing.push({ part, layout });
    }
    const totalBytes = missing.reduce((sum, { layout }) => sum + layout.bytes, 0);
    let before = 0;
    for (const { part, layout } of missing) {
      for await (const { doneBytes } of packWeights(part.uses, layout, this.backend.store)) {
        yield { doneBytes: before + doneBytes, totalBytes };
      }
      before += layout.bytes;
    }
  }

  textEncoder(models: ModelSet, precision: Precision, clipSkip: number): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${models.text.key}/${precision}/${clipSkip}`, canonicalText(models.text, style), () =>
      buildTextEncoder(models.text, clipSkip, style),
    );
  }

  textKv(models: ModelSet, precision: Precision, batch: number, tokens: number): Promise<Session> {
    const style = this.#style(precision);
    return this.#session(`${models.unet.key}/kv/${precision}/${batch}/${tokens}`, canonicalUnet(models.unet, style), () =>
      buildTextKv(models.unet, batch, tokens, style),
    );
  }

  /** Takes the residuals of control models where there are any. */
  unet(models: ModelSet, precision: Precision, norm: NormMode, shape: UnetShape, freeNoise: FreeNoise | null): Promise<Session> {
    const style = this.#style(precision);
    const { unet, motion } = models;
    const control = models.controls.length > 0;
    const windows = freeNoise === null ? "whole" : `${freeNoise.length}-${freeNoise.stride}`;
    const key = [
      unet.key,
      motion?.key ?? "still",
      control ? "controlled" : "free",
      windows,
      precision,
      norm,
      sizeKey(shape),
    ].join("/");
    const parts = [...canonicalUnet(unet, style), ...canonicalMotion(motion, style)];
    return this.#session(key, parts, () => buildUnet({ ...shape, unet, motion, norm, style, control, freeNoise }));
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

  /** Frees every session; shards stay. */
  async release(): Promise<void> {
    for (const { session } of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  #style(precision: Precision): GraphStyle {
    return { precision, attention: this.backend.attention };
  }

  async #session(key: string, parts: readonly PackedPart[], build: () => Graph): Promise<Session> {
    const warm = this.#sessions.get(key);
    if (warm !== undefined) {
      // Most recently used last.
      this.#sessions.delete(key);
      this.#sessions.set(key, warm);
      return warm.session;
    }
    const layout = new ShardLayout(Object.fromEntries(parts.map((p) => [p.name, p.uses])));
    const bytes = layout.bytes;
    await this.#makeRoom(bytes);
    const session = await this.backend.createSession(build().encode(layout), [...layout.shards.keys()]);
    this.#sessions.set(key, { session, bytes });
    return session;
  }

  async #makeRoom(bytes: number): Promise<void> {
    let used = [...this.#sessions.values()].reduce((sum, s) => sum + s.bytes, 0);
    for (const [key, oldest] of this.#sessions) {
      if (used + bytes <= this.#budgetBytes) return;
      this.#sessions.delete(key);
      await oldest.session.release();
      used -= oldest.bytes;
    }
  }
}

function sizeKey({ frames, height, width, textBatch, textTokens }: UnetShape): string {
  return [frames, height, width, textBatch, textTokens].join("/");
}
