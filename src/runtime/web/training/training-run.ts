/**
 * A training on the page's device. It takes the engine's turn for one step or sample at a time, so that animations can be made in
 * between, and goes on from the last step when the device was lost or replaced.
 */

import { ZoetropeError } from "../../../core/errors.ts";
import type { ClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import type { TrainingEvent, TrainingPlan, TrainingSample } from "../../../protocol/training.ts";
import type { StoredProgress, TrainingStore } from "../../../storage/training-store.ts";
import type { Mutex } from "../../engine/mutex.ts";
import type { InvertedClip } from "../../training/invert-clip.ts";
import { type Lesson, type TeachEvent, teach } from "../../training/teach.ts";
import { encodeState, type TrainingState } from "../../training/training-state.ts";
import type { EngineHost } from "../engine-host.ts";
import { learnedSoFar } from "./learned-so-far.ts";
import { withRoom } from "./training-errors.ts";
import { encodeSample } from "./training-pictures.ts";

export interface TrainingTools {
  readonly host: EngineHost;
  readonly turn: Mutex;
  readonly tokenizer: ClipTokenizer;
  readonly store: TrainingStore;
  readonly signal: AbortSignal;
  readonly send: (event: TrainingEvent) => void;
}

/** The device that it runs on says how much memory it may take. */
type RunLesson = Omit<Lesson, "memoryBytes">;

/** What belongs to the state of a lesson. */
export interface TrainedBefore {
  readonly losses: readonly number[];
  readonly lastSample: TrainingSample | null;
  /** Steps that are stored; fewer than the state's if there was no room for it. */
  readonly keptSteps: number;
}

/** The state is kept after so many steps. */
const STEPS_BETWEEN_KEEPING = 10;
/** Encoding the examples counts as this part of the preparations; the rest is packing weights, or learning the look of clips. */
const ENCODING_SHARE = 0.3;

export class TrainingRun {
  readonly #plan: TrainingPlan;
  readonly #lesson: RunLesson;
  readonly #tools: TrainingTools;
  /** One for each step made. */
  readonly #losses: number[];
  #lastSample: TrainingSample | null;
  /** Copies the training as it stands; null: no step has been made. */
  #state: (() => TrainingState) | null;
  #keptSteps: number;
  /** The noise of the clip that the model was tuned on, once all steps are made. */
  #inverted: InvertedClip | null = null;
  #unsaved: StoredProgress | null = null;

  constructor(plan: TrainingPlan, lesson: RunLesson, before: TrainedBefore, tools: TrainingTools) {
    const { state } = lesson;
    this.#plan = plan;
    this.#lesson = lesson;
    this.#tools = tools;
    this.#losses = [...before.losses];
    this.#lastSample = before.lastSample;
    this.#state = state === null ? null : () => state;
    this.#keptSteps = before.keptSteps;
  }

  /** Steps that could not be stored; null: all are. */
  get unsaved(): StoredProgress | null {
    return this.#unsaved;
  }

  /** Resolves when all steps are made or the signal was aborted. What was learned is kept then, as it is when it rejects. */
  async run(): Promise<void> {
    let lostAt: number | null = null;
    for (let ended = false; !ended; ) {
      try {
        ended = await this.#attempt();
      } catch (thrown) {
        const error = ZoetropeError.from(thrown);
        const step = this.#losses.length;
        // A card that is lost twice in the same step will not make it.
        if (error.code !== "device/lost" || lostAt === step) throw error;
        lostAt = step;
        await this.#tools.turn.run(() => this.#tools.host.giveUp());
        this.#tools.send({ type: "notice", message: `The graphics card was lost; teaching goes on after step ${step}.` });
      } finally {
        await this.#keep();
      }
    }
  }

  /** @returns false when a render has replaced the device, so that the sessions are gone */
  async #attempt(): Promise<boolean> {
    const { host, turn, signal } = this.#tools;
    const engine = await host.engine();
    const { memoryBytes } = engine.backend;
    const events = teach({ ...this.#lesson, memoryBytes, state: this.#state?.() ?? null }, { ...this.#tools, engine });
    try {
      for (;;) {
        const { next, ms } = await turn.run(async () => {
          const begun = performance.now();
          return { next: (await host.engine()) === engine ? await events.next() : null, ms: performance.now() - begun };
        });
        if (next === null) return false;
        if (next.done === true) return true;
        await this.#take(next.value, ms);
      }
    } catch (thrown) {
      // A pause may interrupt a sample or the preparations, which then throw the signal's reason.
      if (signal.aborted) return true;
      throw thrown;
    } finally {
      await turn.run(() => events.return()).catch(() => undefined);
    }
  }

  async #take(event: TeachEvent, ms: number): Promise<void> {
    const { send, store } = this.#tools;
    switch (event.type) {
      case "progress": {
        if (event.phase === "invert") {
          send({ type: "inverting" });
          break;
        }
        const share = event.total === 0 ? 1 : event.done / event.total;
        const before = event.phase === "encode" ? 0 : ENCODING_SHARE;
        send({ type: "preparing", share: before + share * (event.phase === "encode" ? ENCODING_SHARE : 1 - ENCODING_SHARE) });
        break;
      }
      case "step": {
        const step = event.step + 1;
        this.#state = event.state;
        this.#losses[event.step] = event.loss;
        send({ type: "step", step, loss: event.loss, stepMs: ms });
        if (step % STEPS_BETWEEN_KEEPING === 0) await this.#keep();
        const every = this.#lesson.sample?.every ?? 0;
        if (every > 0 && step % every === 0) send({ type: "sampling" });
        break;
      }
      case "sample": {
        const sample = encodeSample(event.steps, event.frames, this.#plan.samples!.settings);
        this.#lastSample = sample;
        await withRoom(store.keepSample({ ...sample, lora: this.#learned() }), event.steps);
        await this.#keep();
        send({ type: "sample", sample });
        break;
      }
      case "taught":
        if (event.inverted === null) break;
        this.#inverted = event.inverted;
        await this.#keep("again");
        break;
    }
  }

  #learned(state = this.#state!()): Uint8Array<ArrayBuffer> {
    return learnedSoFar(this.#plan, this.#lesson.models, { state, inverted: this.#inverted, sample: this.#lastSample });
  }

  /**
   * Stores the steps that are not stored yet, or all of them again, because something besides has been found.
   * @throws ZoetropeError `training/no-room`; they are in `unsaved` then
   */
  async #keep(which: "new" | "again" = "new"): Promise<void> {
    const state = this.#state?.();
    if (state === undefined || (which === "new" && state.steps === this.#keptSteps)) return;
    const losses = this.#losses.slice(0, state.steps);
    this.#unsaved = { step: state.steps, losses, state: encodeState(state), lora: this.#learned(state) };
    await withRoom(this.#tools.store.keepProgress(this.#unsaved), state.steps);
    this.#unsaved = null;
    this.#keptSteps = state.steps;
  }
}
