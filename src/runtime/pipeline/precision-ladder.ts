/**
 * Repeats computations whose results are not finite more precisely: first with 32-bit arithmetic on the same weights, where the UNet
 * computed in fp16; then with the weights at full precision. fp16 ends at 65504, in activations as in weights, and 8-bit weights come
 * with fp16 scales. That suffices for nearly every model; the ladder serves the others. Steps, start pictures and frames climb the
 * same ladder, each from the bottom.
 */

import { ZoetropeError } from "../../core/errors.ts";
import type { Precision } from "../../core/settings/render-settings.ts";
import type { ModelSet } from "../compose/model-set.ts";
import type { Arithmetic } from "../engine/graph-style.ts";
import type { HintedControl } from "./clip-request.ts";
import type { Job } from "./job.ts";
import { temporaryModels, temporaryPart } from "./temporary-weights.ts";

/** The weights and the arithmetic that something is computed with. */
export interface Rung {
  readonly name: "asked" | "fp32-arithmetic" | "full-weights";
  readonly models: ModelSet;
  readonly controls: readonly HintedControl[];
  readonly precision: Precision;
  /** Of the UNet; other networks always compute in fp32. */
  readonly arithmetic: Arithmetic;
}

type Asked = Pick<Job, "request" | "engine">;

/** As the settings ask for it. */
export function askedRung({ request }: Pick<Job, "request">): Rung {
  const { models, controls, settings } = request;
  return { name: "asked", models, controls, precision: settings.precision, arithmetic: "fastest" };
}

/** Of the UNet and the control models. */
export function unetRungs(job: Asked): Rung[] {
  const asked = askedRung(job);
  const inFp32: Rung = { ...asked, name: "fp32-arithmetic", arithmetic: "float32" };
  return [asked, ...(job.engine.computesInFp16(asked.precision) ? [inFp32] : []), ...fullWeights(asked)];
}

export function vaeRungs(job: Asked): Rung[] {
  const asked = askedRung(job);
  return [asked, ...fullWeights(asked)];
}

/** Nothing is left above weights that are at full precision already. */
function fullWeights({ models, controls, precision }: Rung): Rung[] {
  if (precision === "fp32") return [];
  const temporary = controls.map(({ control, hint }) => ({ control: temporaryPart(control), hint }));
  const models32 = temporaryModels(models);
  return [{ name: "full-weights", models: models32, controls: temporary, precision: "fp32", arithmetic: "float32" }];
}

/** Climbs rungs as needed. A rung that was climbed to stays for all later computations. */
export class PrecisionLadder<Opened extends object> {
  readonly #left: Rung[];
  readonly #open: (rung: Rung) => Promise<Opened>;
  #opened: Opened | null = null;

  /**
   * @param rungs lowest first, at least one
   * @param open prepares computing on a rung; it tells the person why, and may throw to refuse the rung
   */
  constructor(rungs: readonly Rung[], open: (rung: Rung) => Promise<Opened>) {
    this.#left = [...rungs];
    this.#open = open;
  }

  /** Opens the lowest rung now instead of at the first computation. */
  async open(): Promise<Opened> {
    this.#opened ??= await this.#open(this.#left.shift()!);
    return this.#opened;
  }

  /** @throws `render/not-finite` when the highest rung's result is not finite either; what `open` and `run` throw otherwise */
  async compute<Result>(run: (opened: Opened) => Promise<Result>): Promise<Result> {
    let opened = await this.open();
    for (;;) {
      try {
        return await run(opened);
      } catch (thrown) {
        const next = isNotFinite(thrown) ? this.#left.shift() : undefined;
        if (next === undefined) throw thrown;
        opened = await this.#open(next);
        this.#opened = opened;
      }
    }
  }
}

/** The error that makes a computation climb. */
export function notFinite(message: string, hint: string): ZoetropeError {
  return new ZoetropeError("render/not-finite", { message, hint });
}

function isNotFinite(thrown: unknown): boolean {
  return thrown instanceof ZoetropeError && thrown.code === "render/not-finite";
}
