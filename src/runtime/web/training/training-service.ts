/** Training behind the page: the part of the inference worker's interface that teaches. One training runs at a time, in all tabs. */

import { ZoetropeError } from "../../../core/errors.ts";
import type { ClipTokenizer } from "../../../core/prompt/tokenizer.ts";
import { bufferSource } from "../../../formats/byte-source.ts";
import { openTensorFile } from "../../../formats/open-tensor-file.ts";
import type { KeptTraining, TrainingApi, TrainingEvent, TrainingPlan } from "../../../protocol/training.ts";
import { openTrainingStore, type StoredProgress, type TrainingStore } from "../../../storage/training-store.ts";
import { holdAlone, use } from "../../../storage/use-locks.ts";
import type { ModelSet } from "../../compose/model-set.ts";
import type { Mutex } from "../../engine/mutex.ts";
import { trainingSide } from "../../training/teach.ts";
import { decodeState, type TrainingState } from "../../training/training-state.ts";
import type { EngineHost } from "../engine-host.ts";
import { selectedIds } from "../library/chosen-models.ts";
import type { Stores } from "../library/stores.ts";
import { SelectedModels } from "../selected-models.ts";
import { timeStep } from "./time-step.ts";
import { trainingError, withRoom } from "./training-errors.ts";
import { readExamples } from "./training-pictures.ts";
import { TrainingRun } from "./training-run.ts";
import { withClipNoise } from "./with-clip-noise.ts";

/** What the training shares with the rest of the engine. */
export interface SharedEngine {
  readonly host: EngineHost;
  readonly turn: Mutex;
  open(): Promise<Stores>;
  tokenizer(): Promise<ClipTokenizer>;
}

type Send = (event: TrainingEvent) => void;

const LOCK = "training";

export class TrainingService implements TrainingApi {
  readonly #engine: SharedEngine;
  readonly #selected = new SelectedModels();
  #opened: Promise<TrainingStore> | null = null;
  #running: AbortController | null = null;
  #timing = new AbortController();
  /** Steps of the kept training that the browser had no room for. */
  #unsaved: StoredProgress | null = null;
  /** Files of the kept training's tuned clip, by the steps made. */
  readonly #withNoise = new Map<number, Uint8Array<ArrayBuffer>>();

  constructor(engine: SharedEngine) {
    this.#engine = engine;
  }

  async training(): Promise<KeptTraining | null> {
    if (this.#running !== null) return this.#kept();
    const end = await holdAlone(LOCK);
    // Another tab is teaching, and shows it.
    if (end === null) return null;
    end();
    return this.#kept();
  }

  async timeTrainingStep(plan: Pick<TrainingPlan, "kind" | "models" | "settings">): Promise<number | null> {
    this.#timing = new AbortController();
    const { signal } = this.#timing;
    const { host, turn } = this.#engine;
    const models = await this.#compose(plan, () => undefined, signal);
    const tokenizer = await this.#engine.tokenizer();
    return turn.run(async () => timeStep(plan, models, { engine: await host.engine(), tokenizer, signal }));
  }

  async train(plan: TrainingPlan | null, port: MessagePort): Promise<void> {
    this.#timing.abort();
    const controller = new AbortController();
    const send: Send = (event) => port.postMessage(event);
    const end = await holdAlone(LOCK);
    try {
      if (end === null) {
        throw new ZoetropeError("training/other-tab", {
          message: "Another tab is teaching.",
          hint: "Wait until it is done, or pause it there and reload this page.",
        });
      }
      this.#running = controller;
      await this.#train(plan, send, controller.signal);
      send({ type: controller.signal.aborted ? "paused" : "finished" });
    } catch (thrown) {
      const error = trainingError(thrown);
      if (error.code.startsWith("device/")) await this.#engine.host.giveUp();
      send({ type: "failed", error: error.toInfo() });
    } finally {
      this.#running = null;
      end?.();
      port.close();
    }
  }

  async pauseTraining(): Promise<void> {
    this.#running?.abort();
  }

  async learnedFile(step: number | null): Promise<Uint8Array<ArrayBuffer>> {
    const store = await this.#store();
    const latest = async () => (this.#unsaved ?? (await store.progress()))?.lora;
    const learned = (step === null ? await latest() : await store.sampleLora(step)) ?? gone();
    const { plan, step: made } = (await this.#kept()) ?? gone();
    if (plan.kind !== "tune-a-video") return learned;
    const at = step ?? made;
    const whole = this.#withNoise.get(at) ?? (await this.#addNoise(plan, learned));
    this.#withNoise.set(at, whole);
    return whole;
  }

  async forgetTraining(): Promise<void> {
    this.#running?.abort();
    this.#unsaved = null;
    this.#withNoise.clear();
    await (await this.#store()).clear();
  }

  /** Looks for the noise of the clip that a training was tuned on, if it was interrupted before it had. */
  async #addNoise(plan: TrainingPlan, learned: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { host, turn } = this.#engine;
    const { signal } = new AbortController();
    const end = await use(selectedIds(plan.models), signal);
    try {
      const models = await this.#compose(plan, () => undefined, signal);
      const examples = await readExamples(plan, trainingSide(plan.settings, models));
      const tokenizer = await this.#engine.tokenizer();
      const lesson = { models, settings: plan.settings, examples };
      return await turn.run(async () => withClipNoise(learned, lesson, { engine: await host.engine(), tokenizer, signal }));
    } catch (thrown) {
      const error = trainingError(thrown);
      if (error.code.startsWith("device/")) await host.giveUp();
      throw error;
    } finally {
      await end();
    }
  }

  async #train(begun: TrainingPlan | null, send: Send, signal: AbortSignal): Promise<void> {
    this.#withNoise.clear();
    const store = await this.#store();
    if (begun !== null) {
      await withRoom(store.begin(begun), 0);
      this.#unsaved = null;
    }
    const { plan, losses, samples } = (await this.#kept()) ?? gone();
    const state = await this.#state(store);
    const end = await use(selectedIds(plan.models), signal);
    try {
      const models = await this.#compose(plan, send, signal);
      const examples = await readExamples(plan, trainingSide(plan.settings, models));
      const sample = plan.samples;
      const lesson = { kind: plan.kind, models, settings: plan.settings, examples, sample, state };
      const { host, turn } = this.#engine;
      const tools = { host, turn, tokenizer: await this.#engine.tokenizer(), store, signal, send };
      const keptSteps = (await store.progress())?.step ?? 0;
      const run = new TrainingRun(plan, lesson, { losses, lastSample: samples.at(-1) ?? null, keptSteps }, tools);
      try {
        await run.run();
      } finally {
        this.#unsaved = run.unsaved;
      }
    } finally {
      await end();
    }
  }

  /** Fetches what ships with the page and is not here yet, and opens the models. */
  async #compose({ models }: Pick<TrainingPlan, "models">, send: Send, signal: AbortSignal): Promise<ModelSet> {
    const { shelf } = await this.#engine.open();
    await shelf.mustHave(selectedIds(models));
    for await (const _ of shelf.fetchMissing(selectedIds(models), signal)) signal.throwIfAborted();
    const composed = await this.#selected.compose({ selection: models, embeddings: [], controls: [] }, shelf);
    for (const message of composed.notices) send({ type: "notice", message });
    return composed.models;
  }

  async #kept(): Promise<KeptTraining | null> {
    const kept = await (await this.#store()).kept();
    if (kept === null || this.#unsaved === null) return kept;
    const { step, losses } = this.#unsaved;
    return { ...kept, step, losses };
  }

  /** null: no step has been made. */
  async #state(store: TrainingStore): Promise<TrainingState | null> {
    const progress = this.#unsaved ?? (await store.progress());
    return progress === null ? null : decodeState(await openTensorFile(bufferSource(progress.state, "state.safetensors")));
  }

  #store(): Promise<TrainingStore> {
    this.#opened ??= openTrainingStore();
    return this.#opened;
  }
}

function gone(): never {
  throw new ZoetropeError("training/gone", {
    message: "What was taught is no longer stored in this browser.",
    hint: "Another tab may have begun another training. Teach it anew.",
  });
}
