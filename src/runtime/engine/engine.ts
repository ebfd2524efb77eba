/** Turns models into sessions: packs the weights that no shard holds yet, and opens graphs over them for the asked shape. */

import type { Precision } from "../../core/settings/render-settings.ts";
import type { PackProgress } from "../../graph/shards.ts";
import type { GraphStyle } from "../../graph/style.ts";
import type { Backend, Session } from "./backend.ts";
import { type Arithmetic, computesInFp16, graphStyle, unetStyle } from "./graph-style.ts";
import { packMissing } from "./packed-part.ts";
import { type ModelParts, packedParts } from "./plans/model-parts.ts";
import type { Plan } from "./plans/plan.ts";
import { SessionCache } from "./sessions.ts";

/** Weights that the page's sessions may keep in memory together: UNet and motion module of SD 1.5 at 8 bits, and the small networks besides. */
export const SESSION_BUDGET_BYTES = 1.5 * 2 ** 30;

export class Engine {
  readonly backend: Backend;
  readonly #sessions: SessionCache;

  /** @param budgetBytes see `SessionCache` */
  constructor(backend: Backend, budgetBytes: number) {
    this.backend = backend;
    this.#sessions = new SessionCache(backend, budgetBytes);
  }

  /** How graphs with such weights are built on this device, the UNet's excepted. */
  style(precision: Precision): GraphStyle {
    return graphStyle(this.backend, precision);
  }

  unetStyle(precision: Precision, arithmetic: Arithmetic = "fastest"): GraphStyle {
    return unetStyle(this.backend, precision, arithmetic);
  }

  /** Whether a UNet with such weights computes in fp16 on this device, unless told otherwise. */
  computesInFp16(precision: Precision): boolean {
    return computesInFp16(this.backend, precision);
  }

  /**
   * Packs every shard of the parts that the store does not have yet. Progress counts all of them together.
   * @throws the signal's reason when it is aborted while another tab converts
   */
  prepare(
    parts: ModelParts,
    precision: Precision,
    signal: AbortSignal = new AbortController().signal,
  ): AsyncGenerator<PackProgress, void> {
    return packMissing(packedParts(parts, this.style(precision)), this.backend, signal);
  }

  /** From here on earlier sessions may be freed for others; those asked for from now on stay open together until the next call. */
  beginPhase(): void {
    this.#sessions.beginPhase();
  }

  /**
   * A session for the plan. A warm one is a lookup (0.02 ms for SD 1.5's UNet), because neither its parts nor its graph are made for
   * it; listing the parts alone would take 28 ms a call.
   */
  session(plan: Plan): Promise<Session> {
    return this.#sessions.session(plan);
  }

  /** Frees the sessions that were made of parts with these keys. */
  close(partKeys: ReadonlySet<string>): Promise<void> {
    return this.#sessions.close(partKeys);
  }

  /** Frees every session; shards stay. */
  release(): Promise<void> {
    return this.#sessions.release();
  }
}
